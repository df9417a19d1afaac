using System.Text.Json.Serialization;
using Floodgate.Leases;

namespace Floodgate.LeaseTests.Running;

/// <summary>What the tests cache.</summary>
internal sealed record Item(long Id, string Text);

[JsonSerializable(typeof(Item))]
internal sealed partial class ItemJson : JsonSerializerContext;

internal static class ItemEntity
{
    public static CacheEntity<long, Item> Of(string name) => new(name, 1, key => $"{key}", new JsonCacheCodec<Item>(ItemJson.Default.Item));
}
