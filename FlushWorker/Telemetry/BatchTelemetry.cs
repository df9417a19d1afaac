using System.Diagnostics;
using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Consuming;

namespace Floodgate.FlushWorker.Telemetry;

/// <summary>
/// The spans of a batch: one of its own with links to the envelopes, and one per envelope in the trace that the envelope
/// came with, so that a request's trace ends where its write is in the database.
/// </summary>
internal sealed class BatchTelemetry : IDisposable
{
    private const int MaximumLinks = 128;

    private readonly FlushTelemetry _telemetry;
    private readonly KeyValuePair<string, object?> _partition;
    private readonly long _started;
    private readonly Activity? _batch;
    private readonly List<Activity> _envelopes = [];

    public BatchTelemetry(FlushTelemetry telemetry, ActivitySource source, int partition, IReadOnlyList<ReceivedEnvelope> envelopes)
    {
        _telemetry = telemetry;
        _partition = new KeyValuePair<string, object?>("floodgate.partition", partition);
        _started = telemetry.Time.GetTimestamp();
        if (!source.HasListeners())
        {
            return;
        }

        // The consumer's span of the last message is not what a batch belongs to.
        Activity.Current = null;
        _batch = source.StartActivity(
            "flush batch", ActivityKind.Internal, parentContext: default,
            links: envelopes.Where(of => of.Trace != default).Take(MaximumLinks).Select(of => new ActivityLink(of.Trace)))
            ?.SetTag("floodgate.partition", partition).SetTag("floodgate.envelopes", envelopes.Count);
        ActivityLink[] link = _batch is null ? [] : [new ActivityLink(_batch.Context)];
        foreach (var envelope in envelopes.Where(of => of.Trace != default))
        {
            if (source.StartActivity("flush envelope", ActivityKind.Consumer, envelope.Trace, links: link) is { } span)
            {
                _envelopes.Add(span.SetTag("floodgate.partition", partition).SetTag("floodgate.sequence", envelope.Envelope?.Id.Sequence));
            }
        }

        Activity.Current = _batch;
    }

    /// <summary>Records a commit.</summary>
    public void Committed(FlushedBatch batch)
    {
        _telemetry.Envelopes.Add(batch.Envelopes, _partition);
        _telemetry.Writes.Add(batch.Writes, _partition);
        _telemetry.Duplicates.Add(batch.Duplicates, _partition);
        _telemetry.RepeatedRequests.Add(batch.RepeatedRequests, _partition);
        _telemetry.Size.Record(batch.Envelopes + batch.Duplicates, _partition);
        _telemetry.Duration.Record(_telemetry.Time.GetElapsedTime(_started).TotalSeconds, _partition);
        _batch?.SetTag("floodgate.version", batch.Version).SetTag("floodgate.writes", batch.Writes).SetTag("floodgate.duplicates", batch.Duplicates);
        foreach (var span in _envelopes)
        {
            span.SetTag("floodgate.version", batch.Version);
            span.Dispose();
        }

        _envelopes.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Left over: the commit failed.
        foreach (var span in _envelopes)
        {
            span.SetStatus(ActivityStatusCode.Error).Dispose();
        }

        if (_envelopes.Count > 0)
        {
            _batch?.SetStatus(ActivityStatusCode.Error);
        }

        _batch?.Dispose();
    }
}
