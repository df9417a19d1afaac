using System.Diagnostics;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Floodgate.CounterService.Coalescing;

/// <summary>
/// Makes an envelope durable, then visible, then answers: in this order, so that nothing is acknowledged or shown that a
/// crash could take back.
/// </summary>
internal sealed class EnvelopeSender(
    ConfirmedPublisher publisher, IVisibleCounters counters, IReactionMemory reactions, CounterTelemetry telemetry,
    IOptions<CounterOptions> options, TimeProvider time, ILogger<EnvelopeSender> logger)
{
    /// <summary>Sends one envelope and decides its writes. Never throws.</summary>
    public async Task SendAsync(EnvelopeId id, List<PendingWrite> writes)
    {
        using var span = telemetry.StartPublish(id, writes);
        var started = time.GetTimestamp();
        try
        {
            await PublishAsync(id, writes, span);
            telemetry.Published(id.Partition, writes.Count, time.GetElapsedTime(started));
        }
        catch (Exception exception)
        {
            CounterLog.Unconfirmed(logger, id.Partition, id.Sequence, writes.Count, exception);
            telemetry.Unconfirmed(writes.Count);
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            foreach (var write in writes)
            {
                write.Complete(WriteOutcome.Unconfirmed);
            }

            return;
        }

        await ShowAsync(id, writes);
    }

    private async Task PublishAsync(EnvelopeId id, List<PendingWrite> writes, Activity? span)
    {
        var deltas = new List<CounterDelta>();
        var changes = new List<Reaction>();
        foreach (var write in writes)
        {
            if (write.Reaction is { } reaction)
            {
                changes.Add(reaction);
            }
            else
            {
                deltas.Add(new CounterDelta(write.Counter, write.Amount, write.Request));
            }
        }

        var body = EnvelopeCodec.Encode(new CounterEnvelope(id, time.GetUtcNow(), deltas, changes));
        var properties = new BasicProperties { ContentType = EnvelopeCodec.ContentType };
        if (span is not null)
        {
            properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["traceparent"] = span.Id };
        }

        await publisher.PublishAsync(QueueTopology.CounterFlush(id.Partition), body, properties, CancellationToken.None);
    }

    // Redis may be away: what is durable is acknowledged all the same, without a value.
    private async Task ShowAsync(EnvelopeId id, List<PendingWrite> writes)
    {
        var sums = new Dictionary<CounterId, long>();
        foreach (var write in writes)
        {
            sums[write.Counter] = sums.GetValueOrDefault(write.Counter) + write.Amount;
        }

        var shown = new Dictionary<CounterId, Task<long?>>(sums.Count);
        var all = new List<Task>(sums.Count);
        var mark = new EnvelopeMark(id);
        foreach (var (counter, amount) in sums)
        {
            var apply = counters.ApplyAsync(counter, mark, amount);
            shown.Add(counter, apply);
            all.Add(apply);
        }

        foreach (var write in writes)
        {
            if (write.Reaction is { } reaction)
            {
                all.Add(reactions.SettleAsync(reaction));
            }
        }

        try
        {
            await Task.WhenAll(all).WaitAsync(options.Value.RedisTimeout, time);
        }
        catch (Exception exception)
        {
            // Whatever it was, the writes are durable and their callers wait for an answer.
            CounterLog.NotShown(logger, id.Partition, id.Sequence, exception.Message);
        }

        foreach (var write in writes)
        {
            var answered = shown.TryGetValue(write.Counter, out var apply) && apply.IsCompletedSuccessfully;
            write.Complete(new WriteOutcome(WriteStatus.Durable, id, answered, answered ? apply!.Result : null));
        }
    }
}
