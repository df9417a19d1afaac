using System.Diagnostics.Metrics;
using Floodgate.FlushWorker.Telemetry;

namespace Floodgate.FlushWorker.Auditing;

/// <summary>The metrics of the audit, in the meter <c>Floodgate.Flush</c>.</summary>
internal sealed class AuditTelemetry : IDisposable
{
    private readonly Meter _meter = new(FlushTelemetry.Name);
    private readonly Counter<long> _recounted;
    private readonly Counter<long> _wrong;
    private readonly Counter<long> _corrected;
    private volatile IReadOnlyList<PartitionBalance> _balances = [];

    public AuditTelemetry()
    {
        _recounted = _meter.CreateCounter<long>("floodgate.flush.audit.recounted", "{post}", "Posts whose likes were recounted.");
        _wrong = _meter.CreateCounter<long>("floodgate.flush.audit.wrong", "{post}", "Posts whose slots were not the number of their likes.");
        _corrected = _meter.CreateCounter<long>("floodgate.flush.audit.corrected", "{slot}", "Slots that were corrected.");
        _meter.CreateObservableGauge(
            "floodgate.flush.audit.imbalance", Imbalances, "{like}", "By how much a partition's slots differ from what was ever added to them.");
    }

    public void Recounted(int posts, int wrong, int corrected)
    {
        _recounted.Add(posts);
        _wrong.Add(wrong);
        _corrected.Add(corrected);
    }

    public void Balanced(IReadOnlyList<PartitionBalance> balances) => _balances = balances;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Imbalances() => _balances.Select(of =>
        new Measurement<double>((double)of.Difference, new KeyValuePair<string, object?>("floodgate.partition", of.Partition)));
}
