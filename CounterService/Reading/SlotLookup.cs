using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.CounterService.Reading;

/// <summary>
/// Gets counters that Redis does not show from the primary, many in one query, and puts their slots into Redis. Two
/// processes that do it at once do no harm, as slots are merged by version.
/// </summary>
internal sealed class SlotLookup
{
    private const string Sql = """
        SELECT i.n, s.partition, s.value, s.version, coalesce(w.watermarks, '')
        FROM unnest($1, $2) WITH ORDINALITY AS i (name, key, n)
        JOIN counter_slots s ON s.name = i.name AND s.key = i.key
        LEFT JOIN (
        """ + Watermarks.Sql + """
        ) AS w ON w.partition = s.partition
        """;

    private readonly PostgresNodes _nodes;
    private readonly IVisibleCounters _hash;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SlotLookup> _logger;
    private readonly BatchedLookup<CounterId, long> _lookup;

    public SlotLookup(PostgresNodes nodes, IVisibleCounters hash, IOptions<CounterOptions> options, TimeProvider time, ILogger<SlotLookup> logger)
    {
        _nodes = nodes;
        _hash = hash;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _lookup = new BatchedLookup<CounterId, long>("counters", QueryAsync, batchSize: 1000);
    }

    /// <summary>The value of a counter: with what is pending if Redis answers, else as it was flushed.</summary>
    /// <exception cref="Exception">The primary does not answer.</exception>
    public Task<long> GetAsync(CounterId counter) => _lookup.GetAsync(counter);

    private async Task<IReadOnlyList<long>> QueryAsync(IReadOnlyList<CounterId> counters)
    {
        var slots = await ReadSlotsAsync(counters);
        var values = Array.ConvertAll(slots, of => of.Sum(slot => slot.Value));
        try
        {
            var loads = new Task<long>[counters.Count];
            for (var i = 0; i < loads.Length; i++)
            {
                loads[i] = _hash.LoadAsync(counters[i], slots[i]);
            }

            return await Task.WhenAll(loads).WaitAsync(_options.RedisTimeout, _time);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(_logger, "counters", exception.Message);
            return values;
        }
    }

    private async Task<List<CounterSlot>[]> ReadSlotsAsync(IReadOnlyList<CounterId> counters)
    {
        using var limit = new CancellationTokenSource(_options.LookupTimeout);
        var slots = new List<CounterSlot>[counters.Count];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = [];
        }

        try
        {
            await using var command = _nodes.Primary.CreateCommand(Sql);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. counters.Select(counter => counter.Name)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. counters.Select(counter => counter.Key)] });
            await using var reader = await command.ExecuteReaderAsync(limit.Token);
            while (await reader.ReadAsync(limit.Token))
            {
                slots[reader.GetInt64(0) - 1].Add(new CounterSlot(reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4)));
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No answer within {_options.LookupTimeout}.", exception);
        }

        return slots;
    }
}
