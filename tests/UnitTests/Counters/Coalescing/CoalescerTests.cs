using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;

namespace Floodgate.UnitTests.Counters.Coalescing;

public sealed class CoalescerTests : IDisposable
{
    private readonly CoalescerBench _bench = new(new CounterOptions { EnvelopeWrites = 10, EnvelopesInFlight = 3, WaitingWrites = 25 });

    [Fact]
    public async Task A_write_while_nothing_is_in_flight_is_sent_at_once()
    {
        var write = _bench.Add(5);

        Assert.Single(_bench.Published);
        Assert.False(write.IsCompleted);
        _bench.Confirm();
        Assert.Equal(5, (await write).Value);
    }

    [Fact]
    public async Task Writes_that_come_while_an_envelope_is_in_flight_share_the_next_which_its_confirm_sends()
    {
        _ = _bench.Add();
        var others = Enumerable.Range(0, 4).Select(_ => _bench.Add(2)).ToList();
        Assert.Single(_bench.Published);

        _bench.Confirm();

        Assert.Equal(2, _bench.Published.Count);
        Assert.Equal(8, Assert.Single(_bench.Published[1].Deltas).Amount);
        _bench.Confirm();
        foreach (var other in others)
            Assert.Equal(9, (await other).Value);
    }

    [Fact]
    public void The_window_sends_while_another_envelope_is_in_flight()
    {
        _ = _bench.Add();
        _ = _bench.Add();
        _bench.Clock.Advance(_bench.Options.CoalesceWindow - TimeSpan.FromTicks(1));
        Assert.Single(_bench.Published);

        _bench.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(2, _bench.Published.Count);
    }

    [Fact]
    public void After_an_envelope_of_many_writes_the_next_waits_for_its_window_even_if_nothing_is_in_flight()
    {
        _ = _bench.Add();
        for (var i = 0; i < 8; i++)
            _ = _bench.Add();
        _bench.Confirm();
        _bench.Confirm();
        Assert.Equal(2, _bench.Published.Count);

        _ = _bench.Add();
        _ = _bench.Add();
        Assert.Equal(2, _bench.Published.Count);
        _bench.Clock.Advance(_bench.Options.CoalesceWindow);
        Assert.Equal(2, Assert.Single(_bench.Published[2].Deltas).Amount);
    }

    [Fact]
    public void A_full_envelope_does_not_wait()
    {
        for (var i = 0; i < 11; i++)
            _ = _bench.Add();

        Assert.Equal([1, 10], _bench.Published.Select(envelope => (int)envelope.Deltas[0].Amount));
    }

    [Fact]
    public async Task Beyond_the_envelopes_in_flight_writes_wait_and_beyond_the_waiting_they_are_refused()
    {
        for (var i = 0; i < 21; i++)
            _ = _bench.Add();
        Assert.Equal(3, _bench.Published.Count);
        for (var i = 0; i < 25; i++)
            Assert.False(_bench.Add().IsCompleted);
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(WriteStatus.Busy, (await _bench.Add()).Status);
        Assert.Equal((3, 25), (_bench.Published.Count, _bench.Coalescer.Waiting));
    }

    [Fact]
    public void Writes_of_one_counter_are_one_delta_and_those_with_an_idempotency_key_stay_apart()
    {
        _ = _bench.Add();
        _ = _bench.Add(3);
        _ = _bench.Add(7, new CounterId("test", "other"));
        _ = _bench.Add(20, request: new RequestKey(1, "a"));
        _ = _bench.Add(-5);
        _bench.Confirm();

        var deltas = _bench.Published[1].Deltas.Select(delta => (delta.Counter.Key, delta.Amount, delta.Request?.Key)).ToHashSet();
        Assert.Equal([("k", -2, null), ("other", 7, null), ("k", 20, "a")], deltas);
    }

    [Fact]
    public void Writes_that_add_up_to_nothing_still_reach_the_flush()
    {
        _ = _bench.Add();
        _ = _bench.Add(3);
        _ = _bench.Add(-3);
        _bench.Confirm();

        Assert.Equal(0, Assert.Single(_bench.Published[1].Deltas).Amount);
    }

    [Fact]
    public async Task What_is_not_confirmed_is_said_to_be_unknown_and_its_number_is_not_used_again()
    {
        var lost = _bench.Add();
        _bench.Fail();

        Assert.Equal(WriteStatus.Unconfirmed, (await lost).Status);
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));
        _ = _bench.Add();
        Assert.Equal([1, 2], _bench.Published.Select(envelope => envelope.Id.Sequence));
    }

    [Fact]
    public async Task After_a_failure_writes_are_refused_at_once_but_for_one_that_finds_out_whether_the_broker_is_back()
    {
        _ = _bench.Add();
        var waiting = _bench.Add();
        _bench.Fail();
        Assert.Equal(WriteStatus.Away, (await waiting).Status);
        Assert.Equal(WriteStatus.Away, (await _bench.Add()).Status);

        _bench.Clock.Advance(TimeSpan.FromMilliseconds(200));
        var probe = _bench.Add();
        Assert.Equal(WriteStatus.Away, (await _bench.Add()).Status);
        _bench.Fail();
        Assert.Equal(WriteStatus.Unconfirmed, (await probe).Status);
        Assert.Equal(WriteStatus.Away, (await _bench.Add()).Status);

        _bench.Clock.Advance(TimeSpan.FromMilliseconds(200));
        _ = _bench.Add();
        _bench.Confirm();
        Assert.False(_bench.Add().IsCompleted);
        Assert.Equal(4, _bench.Published.Count);
    }

    [Fact]
    public async Task While_the_broker_is_known_to_be_away_no_envelope_is_used_up()
    {
        _bench.IsReady = false;
        Assert.Equal(WriteStatus.Away, (await _bench.Add()).Status);
        _bench.IsReady = true;
        _ = _bench.Add();

        Assert.Equal(1, Assert.Single(_bench.Published).Id.Sequence);
    }

    [Fact]
    public void A_producer_is_replaced_once_it_is_old_and_its_successor_counts_from_1()
    {
        _ = _bench.Add();
        _bench.Confirm();
        _ = _bench.Add();
        _bench.Confirm();
        _bench.Clock.Advance(_bench.Options.ProducerLifetime);
        _ = _bench.Add();

        Assert.Equal([1, 2, 1], _bench.Published.Select(envelope => envelope.Id.Sequence));
        Assert.Equal(_bench.Published[0].Id.Producer, _bench.Published[1].Id.Producer);
        Assert.NotEqual(_bench.Published[1].Id.Producer, _bench.Published[2].Id.Producer);
    }

    [Fact]
    public async Task The_end_waits_for_what_is_taken_and_takes_no_more()
    {
        _ = _bench.Add();
        var second = _bench.Add();
        var end = _bench.Coalescer.CompleteAsync();
        Assert.Equal(2, _bench.Published.Count);
        Assert.Equal(WriteStatus.Away, (await _bench.Add()).Status);

        _bench.Confirm();
        Assert.False(end.IsCompleted);
        _bench.Confirm();

        await end.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(WriteStatus.Durable, (await second).Status);
    }

    public void Dispose() => _bench.Dispose();
}
