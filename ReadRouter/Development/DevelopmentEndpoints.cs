using System.Text.Json;
using System.Text.Json.Serialization;
using Floodgate.Problems;
using Floodgate.ReadRouter.Authentication;
using Floodgate.ReadRouter.Routing;
using Floodgate.ReadRouter.Status;

namespace Floodgate.ReadRouter.Development;

/// <summary>What only a developer's machine offers: tokens for the asking, and whether all queues are drained.</summary>
internal static class DevelopmentEndpoints
{
    // To say that nothing is left, CounterService waits for a flush or two.
    private static readonly TimeSpan BacklogLimit = TimeSpan.FromMinutes(1);

    public static WebApplication MapDevelopmentEndpoints(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            return app;

        app.MapPost("/dev/token", (TokenRequest request, UserTokens tokens) =>
            UserId.IsValid(request.User)
                ? Results.Json(new TokenAnswer(tokens.Create(request.User)), DevelopmentJson.Default.TokenAnswer)
                : Problem.Invalid("user", "Must be an integer from 1 to 9007199254740991."));
        app.MapGet("/dev/oracle/backlog", async (InternalCalls calls, CancellationToken cancellationToken) =>
        {
            var counter = calls.GetAnyAsync(RouteTable.Counter, "/internal/oracle/backlog", BacklogLimit, cancellationToken);
            var timeline = calls.GetAnyAsync(RouteTable.Timeline, "/internal/oracle/backlog", BacklogLimit, cancellationToken);
            return await counter is { } first && await timeline is { } second
                ? Results.Json(
                    new Backlog(Number(first, "messages") + Number(second, "messages"), Number(first, "outbox") + Number(second, "outbox")),
                    DevelopmentJson.Default.Backlog)
                : Problem.Unavailable("A service does not say how much it has left to do.", TimeSpan.FromSeconds(1));
        }).WithRequestTimeout(BacklogLimit + BacklogLimit);
        return app;
    }

    private static long Number(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;
}

internal sealed record TokenRequest([property: JsonRequired] long User);

internal sealed record TokenAnswer(string Token);

internal sealed record Backlog(long Messages, long Outbox);

[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(Backlog))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class DevelopmentJson : JsonSerializerContext;
