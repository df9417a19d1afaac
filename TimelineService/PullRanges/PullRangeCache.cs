using Floodgate.Leases;
using Floodgate.Leases.Origin;
using Floodgate.Nodes;
using Floodgate.TimelineService.Input;
using Npgsql;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>The pull ranges, through the lease cache: one key that every page reads, and so one that is served from memory where many do.</summary>
internal sealed class PullRangeCache
{
    public const string EntityName = "pull-ranges";

    private const long OnlyKey = 0;
    private const string Sql = "SELECT author, from_post, until_post FROM pull_ranges ORDER BY author, from_post";

    private readonly NodeCache<long, PullRangeSet> _sets;

    public PullRangeCache([FromKeyedServices(EntityName)] LeaseCache<long, PullRangeSet> cache, NodeReader reader)
    {
        _sets = new NodeCache<long, PullRangeSet>(cache, (_, where, cancellationToken) => reader.ReadAsync(
            where, batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql)), ReadAsync, cancellationToken));
    }

    public static CacheEntity<long, PullRangeSet> Entity { get; } =
        new(EntityName, 1, CacheOfRows.TextOf, new JsonCacheCodec<PullRangeSet>(PullRangeJson.Default.PullRangeSet));

    /// <summary>The ranges there are.</summary>
    public ValueTask<ReadAt<PullRangeSet?>> GetAsync(NodeRead where, CancellationToken cancellationToken) => _sets.GetAsync(OnlyKey, where, cancellationToken);

    /// <summary>The ranges as of a read index, if this process has them.</summary>
    public bool TryGetAt(ReadIndex index, NodeRead where, out ReadAt<PullRangeSet?> read) => _sets.TryGetAt(index, OnlyKey, where, out read);

    /// <summary>Ranges have changed.</summary>
    public Task<Announcement> InvalidateAsync(CommittedWrite write) => _sets.Cache.InvalidateAsync(OnlyKey, write);

    private static async Task<Dictionary<long, PullRangeSet>> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var ranges = new List<PullRange>();
        while (await row.ReadAsync(cancellationToken))
        {
            ranges.Add(new PullRange(row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? IdInput.End : row.GetInt64(2)));
        }

        return new Dictionary<long, PullRangeSet> { [OnlyKey] = new([.. ranges]) };
    }
}
