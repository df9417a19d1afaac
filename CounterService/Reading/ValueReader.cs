using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.CounterService.Reading;

/// <summary>Reads visible values: from Redis, and from the primary what Redis does not show.</summary>
internal sealed class ValueReader(
    GatheredReads reads, SlotLookup slots, RedisPatience patience, ILogger<ValueReader> logger)
{
    /// <summary>The values of counters, in their order. All of them go to Redis in one round trip.</summary>
    /// <exception cref="Exception">Neither Redis nor the primary answers.</exception>
    public async Task<long[]> ReadAsync(IReadOnlyList<CounterId> counters) =>
        Array.ConvertAll(await ReadEachAsync(counters), read => read.Value);

    /// <summary>
    /// The value for the answer to a write: what Redis said when it took the write, or what it shows once the counter is
    /// loaded; null where neither can be had.
    /// </summary>
    public ValueTask<long?> AfterAsync(CounterId counter, in WriteOutcome outcome) =>
        outcome is { Status: WriteStatus.Durable, RedisAnswered: true, Value: null }
            ? new ValueTask<long?>(TryReadShownAsync(counter))
            : ValueTask.FromResult(outcome.Value);

    /// <summary>
    /// The value of one counter, for the answer to a write: null where it cannot be had in time, or only as it was flushed,
    /// which is without the write.
    /// </summary>
    public async Task<long?> TryReadShownAsync(CounterId counter)
    {
        try
        {
            return (await ReadEachAsync([counter]))[0] is { IsShown: true } read ? read.Value : null;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException or LookupBusyException)
        {
            CounterLog.LookupFailed(logger, "counters", exception);
            return null;
        }
    }

    private async Task<ReadValue[]> ReadEachAsync(IReadOnlyList<CounterId> counters)
    {
        var shown = await ReadShownAsync(counters);
        var values = new Task<ReadValue>?[shown.Length];
        for (var i = 0; i < shown.Length; i++)
        {
            values[i] = shown[i] is null ? slots.GetAsync(counters[i]) : null;
        }

        var read = new ReadValue[shown.Length];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = shown[i] is { } value ? new ReadValue(value, IsShown: true) : await values[i]!;
        }

        return read;
    }

    private async Task<long?[]> ReadShownAsync(IReadOnlyList<CounterId> counters)
    {
        try
        {
            return await patience.WaitAsync(reads.ReadAsync(counters));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or LookupBusyException)
        {
            CounterLog.RedisAway(logger, "counters", exception.Message);
            return new long?[counters.Count];
        }
    }
}
