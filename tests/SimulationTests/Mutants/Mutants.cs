using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.SimulationTests.Running;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.SimulationTests.Mutants;

/// <summary>Messages are acknowledged before their commit.</summary>
internal sealed class AcknowledgesBeforeCommit : Mutant
{
    public override void Change(Simulation world) => world.Broker.AcknowledgesAtOnce = true;
}

/// <summary>The ledger is a watermark without gaps.</summary>
internal sealed class HasNoGaps : Mutant
{
    public override void Change(Simulation world) => world.Database.Tables.HasNoGaps = true;
}

/// <summary>A repeat of what Redis holds is answered without being published.</summary>
internal sealed class BelievesRepeats : Mutant
{
    public override bool TakesRepeatsForTruth => true;
}

/// <summary>A flush that cannot tell Redis goes on as if it had.</summary>
internal sealed class NeverRaisesTheEpoch : Mutant, IRedisEpoch
{
    public override IRedisEpoch Epoch(IRedisEpoch real) => this;

    public Task RaiseAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A hash of reactions is filled at once, though something acknowledged may be forgotten and not flushed yet.</summary>
internal sealed class FillsAtOnce : Mutant
{
    public override CounterOptions Filling(CounterOptions real) => new() { FillAfter = -real.FlushInterval, FlushInterval = real.FlushInterval };
}

/// <summary>What is not confirmed yet is shown.</summary>
internal sealed class AppliesBeforeConfirm : Mutant
{
    public override IEnvelopePublisher Publisher(IEnvelopePublisher real, IVisibleCounters counters, IReactionMemory reactions) =>
        new Before(real, async envelope =>
        {
            foreach (var delta in envelope.Deltas)
            {
                await counters.ApplyAsync(delta.Counter, new EnvelopeMark(envelope.Id), delta.Amount);
            }
        });
}

/// <summary>Writes are acknowledged though the broker did not confirm them.</summary>
internal sealed class IgnoresUnconfirmed : Mutant
{
    public override IEnvelopePublisher Publisher(IEnvelopePublisher real, IVisibleCounters counters, IReactionMemory reactions) => new Ignoring(real);

    private sealed class Ignoring(IEnvelopePublisher real) : IEnvelopePublisher
    {
        public async Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken) =>
            await real.PublishAsync(id, body, traceparent, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}

/// <summary>Two envelopes have one number.</summary>
internal sealed class UsesSequencesTwice : Mutant
{
    public override IEnvelopePublisher Publisher(IEnvelopePublisher real, IVisibleCounters counters, IReactionMemory reactions) => new Twice(real);

    private sealed class Twice(IEnvelopePublisher real) : IEnvelopePublisher
    {
        public Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken)
        {
            var envelope = EnvelopeCodec.Decode(body.Span);
            var same = envelope.Id with { Sequence = (envelope.Id.Sequence + 1) / 2 };
            return real.PublishAsync(same, EnvelopeCodec.Encode(envelope with { Id = same }), traceparent, cancellationToken);
        }
    }
}

/// <summary>A like that Redis did not hear of is acknowledged before everybody knows of the raised epoch.</summary>
internal sealed class AcknowledgesBeforeOthersHear : Mutant
{
    public override TimeProvider LikeClock(TimeProvider real) => new Impatient(real);

    private sealed class Impatient(TimeProvider real) : TimeProvider
    {
        public override long TimestampFrequency => real.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => real.GetUtcNow();

        public override long GetTimestamp() => real.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            real.CreateTimer(callback, state, dueTime == GenerationWatch.HeardAfter ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }
}

/// <summary>Does something with an envelope before it is published.</summary>
internal sealed class Before(IEnvelopePublisher real, Func<CounterEnvelope, Task> first) : IEnvelopePublisher
{
    public async Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken)
    {
        _ = TryAsync(EnvelopeCodec.Decode(body.Span));
        await real.PublishAsync(id, body, traceparent, cancellationToken);
    }

    private async Task TryAsync(CounterEnvelope envelope)
    {
        try
        {
            await first(envelope);
        }
        catch (Exception)
        {
            // Redis is away.
        }
    }
}

/// <summary>No bug, but nothing that is known to fail is left out.</summary>
internal sealed class Lifts(KnownDefect defect) : Mutant
{
    public override KnownDefect Lifted => defect;
}
