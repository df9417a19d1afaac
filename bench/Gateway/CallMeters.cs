using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Gateway;

/// <summary>A meter for each kind of call.</summary>
internal sealed class CallMeters(TimeProvider time)
{
    // In the order of CallKind.
    private readonly CallMeter[] _meters =
    [
        new("POST /dev/token", time),
        new("POST /dev/import/users", time),
        new("POST /dev/import/follows", time),
        new("POST /posts", time),
        new("PUT /posts/{id}/like", time),
        new("GET /timeline", time),
        new("GET /posts/{id}", time),
        new("GET /dev/oracle/*", time),
        new("GET /status", time),
    ];

    /// <summary>The meter of a kind of call.</summary>
    public CallMeter this[CallKind kind] => _meters[(int)kind];

    /// <summary>Answers of all kinds that the interface does not promise.</summary>
    public long Wrong => _meters.Sum(m => m.Wrong);

    /// <summary>The table of all kinds of call that were made.</summary>
    public ReportTable ToTable()
    {
        var table = new ReportTable("Calls", "call", "sent", "acknowledged", "failed", "retried", "wrong", "per second", "p50", "p99", "max");
        foreach (var m in _meters.Where(m => m.Sent > 0))
        {
            table.Add(
                m.Name, m.Sent, m.Acknowledged, m.Failed, m.Retried, m.Wrong, m.Rate, m.Latency.Percentile(0.5), m.Latency.Percentile(0.99), m.Latency.Max);
        }

        return table;
    }
}
