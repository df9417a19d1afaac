using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.CacheNode.Reading;
using Floodgate.Problems;

namespace Floodgate.Bench.CacheNode.Callers;

/// <summary>One wave of callers at a time: made ready by one call and let go by another, so that all processes begin together.</summary>
internal static class CallerEndpoints
{
    private const int MostCallers = 1_000_000;

    public static void AddCallers(this WebApplicationBuilder builder) => builder.Services.AddSingleton<ReadyWave>();

    public static void MapCallers(this IEndpointRouteBuilder app)
    {
        app.MapPost("/callers", MakeReady);
        app.MapPost("/callers/go", GoAsync);
    }

    private static IResult MakeReady(WaveRequest request, ReadModes modes, ReadyWave ready, TimeProvider time)
    {
        if (request.Callers is < 1 or > MostCallers) return Problem.Invalid("callers", $"It is a whole number from 1 to {MostCallers}.");
        ready.Put(new CallerWave(modes.Find(request.Mode), request, time));
        return TypedResults.NoContent();
    }

    private static async Task<IResult> GoAsync(ReadyWave ready, ItemOrigin origin, CancellationToken aborted) =>
        ready.Take() is { } wave
            ? TypedResults.Ok(await wave.GoAsync(origin, aborted))
            : Problem.Invalid("callers", "None are ready: POST /callers comes first.");
}

/// <summary>The wave that is ready.</summary>
internal sealed class ReadyWave
{
    private CallerWave? _wave;

    public void Put(CallerWave wave) => Interlocked.Exchange(ref _wave, wave);

    public CallerWave? Take() => Interlocked.Exchange(ref _wave, null);
}
