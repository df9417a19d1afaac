using Floodgate.FlushWorker.Applying;
using Floodgate.Messaging.Counters;

namespace Floodgate.UnitTests.Counters;

public sealed class BatchContentTests
{
    private static readonly CounterId Counter = new("views", "a");

    [Fact]
    public void An_applied_envelope_adds_nothing_but_its_counters_are_still_told()
    {
        var (old, fresh) = (Envelope(1, Delta(5)), Envelope(2, Delta(7)));

        var content = new BatchContent([old, fresh], new HashSet<EnvelopeId> { old.Id });

        Assert.Equal((7, 1), (content.SumOf(Counter), content.Duplicates));
        Assert.Equal([fresh.Id], content.Fresh);
        Assert.Equal(2, content.Touched[Counter].Count);
    }

    [Fact]
    public void Of_deltas_with_one_idempotency_key_the_first_is_kept()
    {
        var request = new RequestKey(1, "k");

        var content = new BatchContent(
            [Envelope(1, Delta(5) with { Request = request }), Envelope(2, Delta(6) with { Request = request }, Delta(1))], new HashSet<EnvelopeId>());

        Assert.Equal(5, content.Requests[request].Amount);
        Assert.Equal(1, content.SumOf(Counter));
    }

    [Fact]
    public void Of_the_reactions_of_a_pair_the_highest_version_is_kept()
    {
        var envelope = Envelope(1) with { Reactions = [new(1, 9, true, 3), new(1, 9, false, 5), new(1, 9, true, 4), new(2, 9, true, 1)] };

        var content = new BatchContent([envelope], new HashSet<EnvelopeId>());

        Assert.Equal([new Reaction(1, 9, false, 5), new Reaction(2, 9, true, 1)], content.Reactions.OrderBy(reaction => reaction.User));
        Assert.Single(content.Touched[CounterId.Likes(9)]);
    }

    private static CounterDelta Delta(long amount) => new(Counter, amount, Request: null);

    private static CounterEnvelope Envelope(long sequence, params CounterDelta[] deltas) =>
        new(new EnvelopeId(Guid.Empty, 0, sequence), DateTimeOffset.UnixEpoch, deltas, []);
}
