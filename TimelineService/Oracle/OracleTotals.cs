using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Oracle;

/// <summary>What the sampled oracle of this process has seen since its start. Safe for concurrent use.</summary>
internal sealed class OracleTotals(IOptions<OracleOptions> options, TimeProvider time)
{
    private const int KeptFindings = 20;

    private readonly Lock _lock = new();
    private readonly long[] _differences = new long[Enum.GetValues<DifferenceKind>().Length];
    private readonly Queue<OracleFinding> _findings = new();
    private long _samples;
    private long _entries;
    private int _suspects;
    private string? _position;
    private DateTimeOffset? _sampledAt;
    private DateTimeOffset? _differedAt;

    /// <summary>Timelines that were sampled.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>Posts that were compared in them.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>Posts under suspicion.</summary>
    public int Suspects => Volatile.Read(ref _suspects);

    /// <summary>Confirmed differences of a kind.</summary>
    public long Differences(DifferenceKind kind) => Volatile.Read(ref _differences[(int)kind]);

    /// <summary>Confirmed differences of a kind among a million posts; 0 before the first comparison.</summary>
    public double PerMillion(DifferenceKind kind) => Entries == 0 ? 0 : 1e6 * Differences(kind) / Entries;

    /// <summary>Takes note of a sample.</summary>
    /// <param name="entries">How many posts were compared.</param>
    /// <param name="position">At which position SQL was read.</param>
    public void Sampled(int entries, string position)
    {
        lock (_lock)
        {
            _samples++;
            _entries += entries;
            (_position, _sampledAt) = (position, time.GetUtcNow());
        }
    }

    /// <summary>Takes note of how many posts are under suspicion.</summary>
    public void Suspected(int posts) => Volatile.Write(ref _suspects, posts);

    /// <summary>Counts confirmed differences.</summary>
    /// <param name="kind">Their kind.</param>
    /// <param name="count">How many.</param>
    /// <param name="finding">What to keep of them.</param>
    public void Found(DifferenceKind kind, int count, OracleFinding finding)
    {
        lock (_lock)
        {
            _differences[(int)kind] += count;
            _differedAt = finding.At;
            _findings.Enqueue(finding);
            if (_findings.Count > KeptFindings)
            {
                _findings.Dequeue();
            }
        }
    }

    /// <summary>Its part of <c>/status</c>.</summary>
    public OraclePart Report()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return new OraclePart(
                options.Value.Enabled, _samples, _entries,
                Differences(DifferenceKind.Missing), Differences(DifferenceKind.Extra), Differences(DifferenceKind.Duplicate), Differences(DifferenceKind.Disordered),
                new OraclePerMillion(Rounded(DifferenceKind.Missing), Rounded(DifferenceKind.Extra), Rounded(DifferenceKind.Duplicate), Rounded(DifferenceKind.Disordered)),
                Suspects, _position, Age(_sampledAt), Age(_differedAt), [.. _findings.Reverse()]);

            double? Age(DateTimeOffset? then) => then is { } at ? Math.Round((now - at).TotalSeconds, 1) : null;
        }
    }

    private double Rounded(DifferenceKind kind) => Math.Round(PerMillion(kind), 3);
}
