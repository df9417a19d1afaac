using Floodgate.Bench.CacheNode.Messages;

namespace Floodgate.Bench.Cache;

/// <summary>A wave of callers in all processes.</summary>
/// <param name="request">What they asked for.</param>
/// <param name="answers">What became of them in each process.</param>
/// <param name="queries">How many queries were asked.</param>
internal sealed class WaveFigures(WaveRequest request, IReadOnlyList<WaveAnswer> answers, long queries)
{
    /// <summary>How many callers there were.</summary>
    public int Callers => request.Callers;

    /// <summary>How many queries were asked.</summary>
    public long Queries => queries;

    /// <summary>How many callers did not get the item.</summary>
    public int Failed => answers.Sum(answer => answer.Failed);

    /// <summary>Why not.</summary>
    public string? Error => answers.Select(answer => answer.Error).FirstOrDefault(error => error is not null);

    /// <summary>How many waited as long as the query takes.</summary>
    public int Waited => answers.Sum(answer => answer.Waited);

    /// <summary>The median of the process where it was longest.</summary>
    public TimeSpan Median => TimeSpan.FromMilliseconds(answers.Max(answer => answer.MedianMilliseconds));

    /// <summary>The slowest caller.</summary>
    public TimeSpan Slowest => TimeSpan.FromMilliseconds(answers.Max(answer => answer.SlowestMilliseconds));

    /// <summary>The slowest query, as the process saw it that asked.</summary>
    public TimeSpan SlowestQuery => TimeSpan.FromMilliseconds(answers.Max(answer => answer.OriginMilliseconds));

    /// <summary>By how much the slowest caller waited longer than the query takes in PostgreSQL.</summary>
    public TimeSpan Beyond => Slowest.TotalMilliseconds > request.OriginMilliseconds ? Slowest - TimeSpan.FromMilliseconds(request.OriginMilliseconds) : TimeSpan.Zero;
}
