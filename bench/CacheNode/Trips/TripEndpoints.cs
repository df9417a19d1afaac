using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Problems;

namespace Floodgate.Bench.CacheNode.Trips;

/// <summary>Calls of one kind, one after the other, to count what they ask of Redis.</summary>
internal static class TripEndpoints
{
    private const int MostCalls = 100_000;

    public static void AddTrips(this WebApplicationBuilder builder) => builder.Services.AddSingleton<CountedCalls>();

    public static void MapTrips(this IEndpointRouteBuilder app)
    {
        app.MapPost("/trips", RunAsync);
        app.MapPost("/trips/prepare", PrepareAsync);
    }

    private static async Task<IResult> PrepareAsync(TripsRequest request, CountedCalls calls, CancellationToken aborted)
    {
        await calls.PrepareAsync(request, aborted);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> RunAsync(TripsRequest request, CountedCalls calls, CancellationToken aborted)
    {
        if (!CallName.All.Contains(request.Call, StringComparer.Ordinal)) return Problem.Invalid("call", $"It is one of {string.Join(", ", CallName.All)}.");
        if (request.Calls is < 1 or > MostCalls) return Problem.Invalid("calls", $"It is a whole number from 1 to {MostCalls}.");
        return TypedResults.Ok(await calls.RunAsync(request, aborted));
    }
}
