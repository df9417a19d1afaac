using System.Diagnostics;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.CounterService.Coalescing;

/// <summary>
/// Makes an envelope durable, then visible, then answers: in this order, so that nothing is acknowledged or shown that a
/// crash could take back.
/// </summary>
internal sealed class EnvelopeSender(
    IEnvelopePublisher publisher, IVisibleCounters counters, IReactionMemory reactions, CounterTelemetry telemetry,
    RedisPatience patience, TimeProvider time, ILogger<EnvelopeSender> logger)
{
    /// <summary>Whether it is worth trying.</summary>
    public bool IsReady => publisher.IsReady;

    /// <summary>Publishes an envelope. If it is not confirmed, its writes are decided. Never throws.</summary>
    /// <param name="id">The envelope.</param>
    /// <param name="draft">Its writes.</param>
    /// <returns>Whether it is durable.</returns>
    public async Task<bool> PublishAsync(EnvelopeId id, EnvelopeDraft draft)
    {
        Activity? span = null;
        var started = time.GetTimestamp();
        try
        {
            span = telemetry.StartPublish(id, draft.Writes);
            draft.Sum();
            var body = EnvelopeCodec.Encode(new CounterEnvelope(id, time.GetUtcNow(), draft.Deltas, draft.Reactions));
            await publisher.PublishAsync(id, body, span?.Id, CancellationToken.None);
            telemetry.Published(id.Partition, draft.Writes.Count, time.GetElapsedTime(started));
            return true;
        }
        catch (Exception exception)
        {
            CounterLog.Unconfirmed(logger, id.Partition, id.Sequence, draft.Writes.Count, exception);
            telemetry.Unconfirmed(draft.Writes.Count);
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            foreach (var write in draft.Writes)
            {
                write.Complete(WriteOutcome.Unconfirmed);
            }

            return false;
        }
        finally
        {
            span?.Dispose();
        }
    }

    /// <summary>
    /// Shows what an envelope that is durable adds, and decides its writes. Redis may be away: what is durable is
    /// acknowledged all the same, without a value. Never throws.
    /// </summary>
    /// <param name="id">The envelope.</param>
    /// <param name="draft">Its writes.</param>
    public async Task ShowAsync(EnvelopeId id, EnvelopeDraft draft)
    {
        try
        {
            var mark = new EnvelopeMark(id);
            for (var i = 0; i < draft.Shares.Length; i++)
            {
                var answer = counters.ApplyAsync(draft.Shares[i].Counter, mark, draft.Shares[i].Shown);
                draft.Answers.Add(answer);
                draft.Pending.Add(answer);
            }

            foreach (var reaction in draft.Reactions)
            {
                draft.Pending.Add(reactions.SettleAsync(reaction));
            }

            await patience.WaitAsync(Task.WhenAll(draft.Pending));
        }
        catch (Exception exception)
        {
            // Whatever it was, the writes are durable and their callers wait for an answer.
            CounterLog.NotShown(logger, id.Partition, id.Sequence, exception.Message);
        }

        foreach (var write in draft.Writes)
        {
            var shown = write.Share < draft.Answers.Count ? draft.Answers[write.Share] : null;
            var answered = shown is { IsCompletedSuccessfully: true };
            write.Complete(new WriteOutcome(WriteStatus.Durable, id, answered, answered ? shown!.Result : null));
        }
    }
}
