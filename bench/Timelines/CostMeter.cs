using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Timelines;

/// <summary>Processor time of a piece of work, without what the system uses when it has nothing to do.</summary>
internal sealed class CostMeter(ProcessorTimes processor, TimeProvider time)
{
    private const int MostLooks = 8;

    // An idle system uses less than this.
    private const double IdleCores = 0.15;
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(2);

    private ProcessorSample? _idle;

    /// <summary>Looks what the system uses without load. It has just been started, and compiles: the quietest of several looks counts.</summary>
    public async Task LearnIdleAsync(CancellationToken cancellation)
    {
        for (var looks = 0; looks < MostLooks && (_idle is null || _idle.Total > IdleCores * IdleFor.TotalSeconds); looks++)
        {
            var before = processor.Take();
            await Task.Delay(IdleFor, time, cancellation);
            var used = processor.Take().Since(before);
            if (_idle is null || used.Total < _idle.Total) _idle = used;
        }
    }

    /// <summary>A piece of work begins.</summary>
    public (ProcessorSample Sample, long At) Begin() => (processor.Take(), time.GetTimestamp());

    /// <summary>What was used since it began.</summary>
    public ProcessorSample Since((ProcessorSample Sample, long At) begin)
    {
        var share = time.GetElapsedTime(begin.At) / IdleFor;
        var used = processor.Take().Since(begin.Sample);
        return used with
        {
            ByGroup = used.ByGroup.ToDictionary(
                pair => pair.Key, pair => Math.Max(0, pair.Value - ((_idle?.ByGroup.GetValueOrDefault(pair.Key) ?? 0) * share)), StringComparer.Ordinal),
        };
    }
}
