using System.Collections.Concurrent;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Spreading;

/// <summary>
/// Which partition a write of a plain counter goes to: of a hot counter, by its measured rate in this process, over
/// several. A counter's value is the sum of its slots, so nobody else needs to know.
/// </summary>
/// <remarks>
/// Bounded: so many counters are followed at once, and those that turn out to be cold make room every second. A counter
/// that is hot among very many is among the first of some second soon.
/// </remarks>
internal sealed class HotCounters : BackgroundService
{
    /// <summary>The most counters that are followed.</summary>
    public const int Most = 1024;

    private const double Cold = 16;

    private readonly ConcurrentDictionary<CounterId, Heat> _heats = new();
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<HotCounters> _logger;
    private long _settledAt;
    private int _followed;

    public HotCounters(CounterTelemetry telemetry, IOptions<CounterOptions> options, TimeProvider time, ILogger<HotCounters> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        _settledAt = time.GetTimestamp();
        telemetry.Gauge("spread.counters", "{counter}", "Plain counters that are spread over several partitions.", () => _heats.Values.Count(heat => heat.Width > 1));
        telemetry.Gauge("spread.width", "{partition}", "Over how many partitions the widest is spread.", () => _heats.Values.Select(heat => heat.Width).DefaultIfEmpty(1).Max());
    }

    /// <summary>The hottest, hottest first.</summary>
    public IEnumerable<Heat> Hottest(int most) => _heats.Values.Where(heat => heat.Rate > 0).OrderByDescending(heat => heat.Rate).Take(most);

    /// <summary>Counts a write and gives its partition.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="spreads">False for a write with an Idempotency-Key: all with one key must meet in one partition.</param>
    public int Place(in CounterId counter, bool spreads)
    {
        if (_heats.TryGetValue(counter, out var heat))
        {
            return heat.Place(spreads, _options.Partitions);
        }

        var home = CounterPartition.Of(counter, _options.Partitions);
        if (Volatile.Read(ref _followed) < Most && _heats.TryAdd(counter, heat = new Heat(counter, home)))
        {
            Interlocked.Increment(ref _followed);
            return heat.Place(spreads, _options.Partitions);
        }

        return home;
    }

    /// <summary>Settles the width of every counter; one caller at a time.</summary>
    public void Settle()
    {
        var now = _time.GetTimestamp();
        var since = _time.GetElapsedTime(_settledAt, now);
        _settledAt = now;
        foreach (var (counter, heat) in _heats)
        {
            var before = heat.Width;
            heat.Settle(since, _options.SpreadAbove, _options.SpreadHold, _options.Partitions, _time);
            if (heat.Width != before)
            {
                CounterLog.Spread(_logger, counter, before, heat.Width, heat.Rate);
            }

            if (heat.Width == 1 && heat.Rate < _options.SpreadAbove / Cold && _heats.TryRemove(counter, out _))
            {
                Interlocked.Decrement(ref _followed);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_options.SpreadInterval, _time, stoppingToken);
            Settle();
        }
    }
}
