using System.Globalization;
using Floodgate.Messaging.Counters;

namespace Floodgate.UnitTests.Counters;

public sealed class EnvelopeCodecTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(40, 60)]
    [InlineData(2000, 3000)]
    public void An_envelope_comes_back_as_it_was(int deltas, int reactions)
    {
        var envelope = Make(new Random(deltas), deltas, reactions);

        AssertSame(envelope, EnvelopeCodec.Decode(EnvelopeCodec.Encode(envelope)));
    }

    [Fact]
    public void Extremes_come_back_as_they_were()
    {
        var longest = new string('x', CounterId.MaximumLength);
        var envelope = new CounterEnvelope(
            new EnvelopeId(Guid.Empty, EnvelopeCodec.MaximumPartition, long.MaxValue - 1),
            DateTimeOffset.UnixEpoch,
            [
                new CounterDelta(new CounterId("@" + longest, longest), -(1L << 53), new RequestKey((1L << 53) - 1, new string('~', RequestKey.MaximumLength))),
                new CounterDelta(new CounterId("a", "b"), 1L << 53, Request: null),
            ],
            [new Reaction((1L << 53) - 1, (1L << 53) - 1, Liked: true, long.MaxValue), new Reaction(1, 1, Liked: false, 1)]);

        AssertSame(envelope, EnvelopeCodec.Decode(EnvelopeCodec.Encode(envelope)));
    }

    [Fact]
    public void A_big_envelope_is_compressed_and_small_for_it()
    {
        var envelope = Make(new Random(1), deltas: 5000, reactions: 0);

        var packed = EnvelopeCodec.Encode(envelope);

        Assert.True(packed.Length * 3 < EnvelopeCodec.Encode(envelope, int.MaxValue).Length * 2);
        AssertSame(envelope, EnvelopeCodec.Decode(packed));
    }

    [Fact]
    public void An_envelope_that_is_cut_off_is_refused()
    {
        foreach (var compressFrom in new[] { 0, int.MaxValue })
        {
            var bytes = EnvelopeCodec.Encode(Make(new Random(2), 5, 5), compressFrom);
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.Throws<InvalidEnvelopeException>(() => EnvelopeCodec.Decode(bytes.AsSpan(0, length)));
            }
        }
    }

    [Fact]
    public void Whatever_the_bytes_are_it_is_an_envelope_or_refused()
    {
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var bytes = i % 2 == 0 ? Noise(random) : Damaged(random);
            try
            {
                EnvelopeCodec.Encode(EnvelopeCodec.Decode(bytes));
            }
            catch (InvalidEnvelopeException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 15_000, 30_000);
    }

    [Fact]
    public void A_name_or_a_key_that_no_caller_can_have_is_refused()
    {
        foreach (var (name, key) in new[] { ("a b", "k"), ("a", "k/k"), ("a", "\0"), ("@", "k"), ("a", "") })
        {
            var envelope = new CounterEnvelope(new EnvelopeId(Guid.Empty, 0, 1), DateTimeOffset.UnixEpoch, [new CounterDelta(new CounterId(name, key), 1, null)], []);

            Assert.Throws<InvalidEnvelopeException>(() => EnvelopeCodec.Decode(EnvelopeCodec.Encode(envelope)));
        }
    }

    private static byte[] Noise(Random random)
    {
        // With the right beginning, so that the content is reached.
        var bytes = new byte[random.Next(3, 200)];
        random.NextBytes(bytes);
        (bytes[0], bytes[1], bytes[2]) = (0xFC, 1, (byte)random.Next(2));
        return bytes;
    }

    private static byte[] Damaged(Random random)
    {
        var bytes = EnvelopeCodec.Encode(Make(random, random.Next(4), random.Next(4)), random.Next(2) == 0 ? 0 : int.MaxValue);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static CounterEnvelope Make(Random random, int deltas, int reactions) => new(
        new EnvelopeId(Guid.CreateVersion7(), random.Next(1024), random.NextInt64(1, long.MaxValue - 1)),
        DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(4_000_000_000_000)),
        [.. Enumerable.Range(0, deltas).Select(i => new CounterDelta(
            new CounterId(i % 3 == 0 ? "@likes" : "views", i.ToString(CultureInfo.InvariantCulture)),
            random.NextInt64(-1000, 1000),
            i % 4 == 0 ? new RequestKey(random.NextInt64(1, 1 << 30), $"key-{i}") : null))],
        [.. Enumerable.Range(0, reactions).Select(_ => new Reaction(
            random.NextInt64(1, 1L << 53), random.NextInt64(1, 1L << 53), random.Next(2) == 0, random.NextInt64(1, long.MaxValue)))]);

    private static void AssertSame(CounterEnvelope expected, CounterEnvelope actual)
    {
        Assert.Equal((expected.Id, expected.SentAt), (actual.Id, actual.SentAt));
        Assert.Equal(expected.Deltas, actual.Deltas);
        Assert.Equal(expected.Reactions, actual.Reactions);
    }
}
