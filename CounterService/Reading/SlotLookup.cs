using System.Globalization;
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

    private const int Attempts = 3;

    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly PostgresNodes _nodes;
    private readonly IVisibleCounters _hash;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SlotLookup> _logger;
    private readonly BatchedLookup<CounterId, long> _lookup;
    private long _loads;

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

    // Redis may lose a counter while its slots are read: then they are read once more, and after that given as they are.
    private async Task<IReadOnlyList<long>> QueryAsync(IReadOnlyList<CounterId> counters)
    {
        var values = new long?[counters.Count];
        for (var attempt = 1; ; attempt++)
        {
            var missing = Enumerable.Range(0, values.Length).Where(i => values[i] is null).ToArray();
            if (missing.Length == 0)
            {
                return Array.ConvertAll(values, value => value!.Value);
            }

            var loaded = await LoadAsync(Array.ConvertAll(missing, i => counters[i]), isLast: attempt == Attempts);
            for (var i = 0; i < missing.Length; i++)
            {
                values[missing[i]] = loaded[i];
            }
        }
    }

    private async Task<long?[]> LoadAsync(CounterId[] counters, bool isLast)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"{_process}:{Interlocked.Increment(ref _loads)}");
        var marks = await TryRedisAsync(counters, (counter, _) => _hash.BeginLoadAsync(counter, mark));
        var slots = await ReadSlotsAsync(counters);
        var loaded = marks is null ? null : await TryRedisAsync(counters, (counter, i) => _hash.LoadAsync(counter, marks[i], slots[i]));
        return loaded is not null && !isLast
            ? loaded
            : [.. slots.Select((of, i) => loaded?[i] ?? of.Sum(slot => slot.Value))];
    }

    private async Task<T[]?> TryRedisAsync<T>(CounterId[] counters, Func<CounterId, int, Task<T>> ask)
    {
        try
        {
            return await Task.WhenAll(counters.Select(ask)).WaitAsync(_options.RedisTimeout, _time);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(_logger, "counters", exception.Message);
            return null;
        }
    }

    private async Task<List<CounterSlot>[]> ReadSlotsAsync(CounterId[] counters)
    {
        using var limit = new CancellationTokenSource(_options.LookupTimeout);
        var slots = new List<CounterSlot>[counters.Length];
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
