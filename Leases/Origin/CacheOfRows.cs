using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.Leases.Origin;

/// <summary>Caches of what one query gives for a list of ids.</summary>
public static class CacheOfRows
{
    /// <summary>Makes one.</summary>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="cache">The cache.</param>
    /// <param name="reader">Reads at nodes.</param>
    /// <param name="sql">The query; its one parameter is the array of the ids.</param>
    /// <param name="read">Reads its rows; ids without a value are left out.</param>
    public static NodeCache<long, TValue> Of<TValue>(
        LeaseCache<long, TValue> cache, NodeReader reader, string sql, Func<NpgsqlDataReader, CancellationToken, Task<Dictionary<long, TValue>>> read)
        where TValue : class =>
        new(cache, (ids, where, cancellationToken) => reader.ReadAsync(
            where,
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. ids] } } }),
            read,
            cancellationToken));

    /// <summary>The key text of ids.</summary>
    public static string TextOf(long id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
