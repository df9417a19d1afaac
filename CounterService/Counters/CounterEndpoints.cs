using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.Problems;

namespace Floodgate.CounterService.Counters;

/// <summary>What to add.</summary>
internal sealed record Addition(long? By);

/// <summary><c>POST /counters/{name}/{key}</c> and <c>GET /counters/{name}</c>.</summary>
internal static class CounterEndpoints
{
    private const int MostKeys = 500;
    private const long MostBy = 1_000_000;
    private const string IdempotencyKey = "Idempotency-Key";

    private static readonly string ByRule = $"It is a whole number from -{MostBy} to {MostBy}, and not 0.";
    private static readonly string KeyRule = $"It has 1 to {RequestKey.MaximumLength} visible ASCII characters.";

    public static void MapCounters(this IEndpointRouteBuilder app)
    {
        // Taken once, so that no request needs a scope of services.
        var writes = app.ServiceProvider.GetRequiredService<CounterWrites>();
        app.MapPost("/counters/{name}/{key}", context => AddAsync(context, writes));
        app.MapGet("/counters/{name}", ReadAsync);
    }

    private static async Task AddAsync(HttpContext context, CounterWrites writes)
    {
        var user = context.RequireUser();
        var name = (string)context.Request.RouteValues["name"]!;
        var key = (string)context.Request.RouteValues["key"]!;
        var addition = await AdditionBody.ReadAsync(context.Request);
        if (Check(context, name, key, addition, out var by, out var given) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }

        var counter = new CounterId(name, key);
        var result = given is null ? await writes.AddAsync(counter, by) : await writes.AddOnceAsync(counter, by, new RequestKey(user, given));
        if (result is { IsConflict: false, Status: WriteStatus.Durable })
        {
            AdditionBody.Accept(context.Response, result.Value);
            return;
        }

        await (result.IsConflict
            ? Problem.Conflict($"This {IdempotencyKey} was used for another request.")
            : WriteProblem.Of(result.Status, result.RetryAfter)).ExecuteAsync(context);
    }

    private static async Task<IResult> ReadAsync(string name, string? keys, ValueReader values)
    {
        if (!CounterId.IsPublic(name))
        {
            return Problem.Invalid("name", CounterId.PublicRule);
        }

        var counters = new List<CounterId>();
        foreach (var key in (keys ?? "").Split(',', MostKeys + 1).Distinct(StringComparer.Ordinal))
        {
            if (!CounterId.IsPublic(key))
            {
                return Problem.Invalid("keys", $"These are 1 to {MostKeys} keys with commas between. Of each: {CounterId.PublicRule}");
            }

            counters.Add(new CounterId(name, key));
        }

        if (counters.Count > MostKeys)
        {
            return Problem.Invalid("keys", $"There are at most {MostKeys} keys.");
        }

        var read = await values.ReadAsync(counters);
        var answer = new Dictionary<string, long>(counters.Count, StringComparer.Ordinal);
        for (var i = 0; i < read.Length; i++)
        {
            answer.Add(counters[i].Key, read[i]);
        }

        return TypedResults.Json(answer, CounterJson.Default.DictionaryStringInt64);
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult? Check(
        HttpContext context, string name, string key, Addition addition, out long by, out string? given)
    {
        by = addition.By ?? 0;
        var header = context.Request.Headers[IdempotencyKey];
        given = header.Count == 0 ? null : header.ToString();
        Dictionary<string, string[]>? errors = null;
        Require(CounterId.IsPublic(name), "name", CounterId.PublicRule);
        Require(CounterId.IsPublic(key), "key", CounterId.PublicRule);
        Require(by is not 0 and >= -MostBy and <= MostBy, "by", ByRule);
        Require(given is null || RequestKey.IsValid(given), IdempotencyKey, KeyRule);
        return errors is null ? null : Problem.Invalid(errors);

        void Require(bool holds, string field, string rule)
        {
            if (!holds)
            {
                (errors ??= new Dictionary<string, string[]>(StringComparer.Ordinal)).Add(field, [rule]);
            }
        }
    }
}
