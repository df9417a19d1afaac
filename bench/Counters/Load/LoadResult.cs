using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Counters.Load;

/// <summary>What became of a load. Written by one thread, read after it has ended.</summary>
internal sealed class LoadResult
{
    private readonly SortedDictionary<int, long> _errors = [];

    /// <summary>From the request to the end of its answer, of acknowledged writes.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Writes that were answered with 2xx.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Those of them that were answered before the time was up.</summary>
    public long InTime { get; private set; }

    /// <summary>Acknowledged writes whose answer had no value.</summary>
    public long WithoutValue { get; private set; }

    /// <summary>Writes that were not acknowledged and may have been done all the same: a 5xx, or no answer.</summary>
    public long Unknown { get; private set; }

    /// <summary>How long requests were sent.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>Acknowledged writes a second.</summary>
    public double Rate => Duration > TimeSpan.Zero ? InTime / Duration.TotalSeconds : 0;

    /// <summary>Writes that were not acknowledged, by status; 0 where no answer came.</summary>
    public IReadOnlyDictionary<int, long> Errors => _errors;

    /// <summary>An answer came.</summary>
    public void Answered(in HttpAnswer answer, TimeSpan after, bool inTime)
    {
        if (answer.Status is < 200 or > 299)
        {
            Failed(answer.Status);
            return;
        }

        Acknowledged++;
        if (inTime) InTime++;
        if (!answer.HasNumber) WithoutValue++;
        Latency.Record(after);
    }

    /// <summary>A request was not acknowledged.</summary>
    /// <param name="status">The status; 0 where no answer came.</param>
    public void Failed(int status)
    {
        _errors[status] = _errors.GetValueOrDefault(status) + 1;
        if (status is < 400 or >= 500) Unknown++;
    }
}
