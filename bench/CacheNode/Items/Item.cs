using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Floodgate.Leases;

namespace Floodgate.Bench.CacheNode.Items;

/// <summary>What is read.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Raised by each write.</param>
/// <param name="Body">Its text.</param>
internal sealed record Item(long Id, long Version, string Body)
{
    /// <summary>The entity of items that live long.</summary>
    public const string Lasting = "bench-item";

    /// <summary>The entity of items that expire soon.</summary>
    public const string Brief = "bench-brief";

    /// <summary>As the lease cache knows them.</summary>
    public static CacheEntity<long, Item> Entity(string name) =>
        new(name, 1, id => id.ToString(CultureInfo.InvariantCulture), new JsonCacheCodec<Item>(ItemJson.Default.Item));
}

/// <summary>The JSON of what is cached, made at build time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Item))]
internal sealed partial class ItemJson : JsonSerializerContext;
