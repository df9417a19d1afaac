using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.CacheNode.Reading;
using Floodgate.Problems;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Floodgate.Bench.CacheNode.Load;

/// <summary>Load, and what happens to the items meanwhile.</summary>
internal static class LoadEndpoints
{
    private const int WarmAtOnce = 500;

    public static void AddLoad(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KnownWrite>();
        builder.Services.AddSingleton<ItemWrite>();
    }

    public static void MapLoad(this IEndpointRouteBuilder app)
    {
        app.MapPost("/load", RunAsync);
        app.MapPost("/warm", WarmAsync);
        app.MapPost("/writes", WriteAsync);
        app.MapPut("/told", Tell);
    }

    private static async Task<Ok<LoadAnswer>> RunAsync(LoadRequest request, ReadModes modes, KnownWrite known, TimeProvider time, CancellationToken aborted) =>
        TypedResults.Ok(await new ReadingLoad(modes.Find(request.Mode), request, known, time).RunAsync(aborted));

    private static async Task<NoContent> WarmAsync(WarmRequest request, ReadModes modes, CancellationToken aborted)
    {
        var mode = modes.Find(request.Mode);
        mode.Forget();
        for (long first = 1; first <= request.Keys; first += WarmAtOnce)
        {
            var count = (int)Math.Min(WarmAtOnce, request.Keys - first + 1);
            await mode.WarmAsync([.. Enumerable.Range(0, count).Select(i => first + i)], request.Brief, aborted);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Ok<WriteAnswer>> WriteAsync(WriteRequest request, ReadModes modes, ItemWrite write, TimeProvider time, CancellationToken aborted)
    {
        var (version, written) = await write.RunAsync(request.Keys, aborted);
        var began = time.GetTimestamp();
        var ids = Enumerable.Range(1, request.Keys).Select(id => (long)id).ToArray();
        await modes.Find(request.Mode).WrittenAsync(ids, request.Brief, written, aborted);
        return TypedResults.Ok(new WriteAnswer(version, written.Position.ToString(), time.GetElapsedTime(began).TotalMilliseconds));
    }

    private static IResult Tell(ToldWrite write, KnownWrite known)
    {
        if (!WalPosition.TryParse(write.Position, out var position)) return Problem.Invalid("position", "It is not a position.");
        known.Last = new KnownWrite.Told(write.Version, position, write.Keys);
        return TypedResults.NoContent();
    }
}
