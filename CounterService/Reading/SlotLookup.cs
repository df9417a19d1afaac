using System.Globalization;
using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.CounterService.Reading;

/// <summary>A value as it was read.</summary>
/// <param name="Value">The value.</param>
/// <param name="IsShown">Whether it is what Redis shows, with what is pending; else it is what was flushed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReadValue(long Value, bool IsShown);

/// <summary>
/// Gets counters that Redis does not show from the primary, many in one query, and puts their slots into Redis. Two
/// processes that do it at once do no harm, as slots are merged by version.
/// </summary>
internal sealed class SlotLookup
{
    private const int Attempts = 3;

    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly ISlotSource _source;
    private readonly IVisibleCounters _hash;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SlotLookup> _logger;
    private readonly BatchedLookup<CounterId, ReadValue> _lookup;
    private long _loads;

    public SlotLookup(ISlotSource source, IVisibleCounters hash, IOptions<CounterOptions> options, TimeProvider time, ILogger<SlotLookup> logger)
    {
        _source = source;
        _hash = hash;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _lookup = new BatchedLookup<CounterId, ReadValue>("counters", QueryAsync, batchSize: 1000);
    }

    /// <summary>The value of a counter: with what is pending if Redis answers, else as it was flushed.</summary>
    /// <exception cref="Exception">The primary does not answer.</exception>
    public Task<ReadValue> GetAsync(CounterId counter) => _lookup.GetAsync(counter);

    // Redis may lose a counter while its slots are read: then they are read once more, and after that given as they are.
    private async Task<IReadOnlyList<ReadValue>> QueryAsync(IReadOnlyList<CounterId> counters)
    {
        var values = new ReadValue?[counters.Count];
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

    private async Task<ReadValue?[]> LoadAsync(CounterId[] counters, bool isLast)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"{_process}:{Interlocked.Increment(ref _loads)}");
        var marks = await TryRedisAsync(counters, (counter, _) => _hash.BeginLoadAsync(counter, mark));
        var slots = await _source.ReadAsync(counters);
        var loaded = marks is null ? null : await TryRedisAsync(counters, (counter, i) => _hash.LoadAsync(counter, marks[i], slots[i]));
        var mayAskAgain = loaded is not null && !isLast;
        return [.. slots.Select((of, i) => loaded?[i] is { } value ? new ReadValue(value, IsShown: true)
            : mayAskAgain ? (ReadValue?)null
            : new ReadValue(of.Sum(slot => slot.Value), IsShown: false))];
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
}
