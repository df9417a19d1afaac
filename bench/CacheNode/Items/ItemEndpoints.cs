using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.CacheNode.Reading;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Floodgate.Bench.CacheNode.Items;

/// <summary>The items, single reads, and the origin's counters and gate.</summary>
internal static class ItemEndpoints
{
    public static void AddItems(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Gate>();
        builder.Services.AddSingleton<ItemOrigin>();
        builder.Services.AddSingleton<ItemTable>();
    }

    public static void MapItems(this IEndpointRouteBuilder app)
    {
        app.MapPost("/items", MakeAsync);
        app.MapGet("/items/{id}", ReadAsync);
        app.MapGet("/origin", (ItemOrigin origin) => TypedResults.Ok(new OriginFigures(origin.Begun, origin.Ended, origin.Keys)));
        app.MapPut("/gate", SetGate);
    }

    private static async Task<IResult> MakeAsync(NewItems items, ItemTable table, CancellationToken aborted)
    {
        await table.MakeAsync(items.Rows, items.Bytes, aborted);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ReadAsync(long id, string mode, bool? brief, ReadModes modes, CancellationToken aborted)
    {
        var (item, source) = await modes.Find(mode).ReadAsync(id, new Wish(brief ?? false, TimeSpan.Zero, default), aborted);
        return TypedResults.Ok(new ReadItem(item?.Version, source));
    }

    private static NoContent SetGate(GateState state, Gate gate)
    {
        if (state.Closed) gate.Close();
        else gate.Open();
        return TypedResults.NoContent();
    }
}
