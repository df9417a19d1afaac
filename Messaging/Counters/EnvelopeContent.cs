using System.Buffers;

namespace Floodgate.Messaging.Counters;

/// <summary>The content of an envelope, as <see cref="EnvelopeCodec"/> describes it.</summary>
internal static class EnvelopeContent
{
    private const long MaximumId = (1L << 53) - 1;
    private const long MaximumAmount = 1L << 53;
    private const int ProducerLength = 16;

    public static void Write(ArrayBufferWriter<byte> content, CounterEnvelope envelope)
    {
        envelope.Id.Producer.TryWriteBytes(content.GetSpan(ProducerLength), bigEndian: true, out var written);
        content.Advance(written);
        VarInt.Write(content, (ulong)envelope.Id.Partition);
        VarInt.Write(content, (ulong)envelope.Id.Sequence);
        VarInt.Write(content, (ulong)envelope.SentAt.ToUnixTimeMilliseconds());
        WriteDeltas(content, envelope.Deltas);
        VarInt.Write(content, (ulong)envelope.Reactions.Count);
        var version = 0L;
        for (var i = 0; i < envelope.Reactions.Count; i++)
        {
            var reaction = envelope.Reactions[i];
            VarInt.Write(content, ((ulong)reaction.User << 1) | (reaction.Liked ? 1UL : 0));
            VarInt.Write(content, (ulong)reaction.Post);
            VarInt.WriteSigned(content, reaction.Version - version);
            version = reaction.Version;
        }
    }

    public static CounterEnvelope Read(ReadOnlySpan<byte> content)
    {
        var reader = new ContentReader(content);
        var producer = new Guid(reader.Bytes("producer", ProducerLength), bigEndian: true);
        var partition = reader.Int32("partition", 0, EnvelopeCodec.MaximumPartition);
        var sequence = reader.Int64("sequence", 1, long.MaxValue - 1);
        var sentAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.Int64("time", 0, MaximumTime));
        var deltas = ReadDeltas(ref reader);
        var reactions = ReadReactions(ref reader);
        return reader.Remaining == 0
            ? new CounterEnvelope(new EnvelopeId(producer, partition, sequence), sentAt, deltas, reactions)
            : throw reader.Wrong("end", $"{reader.Remaining} bytes are left");
    }

    private static readonly long MaximumTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static void WriteDeltas(ArrayBufferWriter<byte> content, IReadOnlyList<CounterDelta> deltas)
    {
        // An envelope holds few names and many keys.
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < deltas.Count; i++)
        {
            names.TryAdd(deltas[i].Counter.Name, names.Count);
        }

        VarInt.Write(content, (ulong)names.Count);
        foreach (var name in names.Keys)
        {
            VarInt.WriteText(content, name);
        }

        VarInt.Write(content, (ulong)deltas.Count);
        for (var i = 0; i < deltas.Count; i++)
        {
            var delta = deltas[i];
            VarInt.Write(content, (ulong)names[delta.Counter.Name]);
            VarInt.WriteText(content, delta.Counter.Key);
            VarInt.WriteSigned(content, delta.Amount);
            VarInt.Write(content, (ulong)(delta.Request?.User ?? 0));
            if (delta.Request is { } request)
            {
                VarInt.WriteText(content, request.Key);
            }
        }
    }

    private static CounterDelta[] ReadDeltas(ref ContentReader reader)
    {
        var names = new string[Count(ref reader, "names")];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.Text("name", CounterId.MaximumLength + 1);
            if (!CounterId.IsName(names[i]))
            {
                throw reader.Wrong("name", "it is no name of a counter");
            }
        }

        var deltas = new CounterDelta[Count(ref reader, "deltas")];
        for (var i = 0; i < deltas.Length; i++)
        {
            var name = names[reader.Int32("name's index", 0, names.Length - 1)];
            var key = reader.Text("key", CounterId.MaximumLength);
            var amount = reader.Signed("amount");
            var user = reader.Int64("user", 0, MaximumId);
            RequestKey? request = user == 0 ? null : new RequestKey(user, reader.Text("request key", RequestKey.MaximumLength));
            if (!CounterId.IsPublic(key) || amount is < -MaximumAmount or > MaximumAmount || request is { } given && !RequestKey.IsValid(given.Key))
            {
                throw reader.Wrong("delta", "its key, amount or request key is out of range");
            }

            deltas[i] = new CounterDelta(new CounterId(name, key), amount, request);
        }

        return deltas;
    }

    private static Reaction[] ReadReactions(ref ContentReader reader)
    {
        var reactions = new Reaction[Count(ref reader, "reactions")];
        var version = 0L;
        for (var i = 0; i < reactions.Length; i++)
        {
            var user = reader.UInt64("user");
            var post = reader.Int64("post", 1, MaximumId);
            version = unchecked(version + reader.Signed("version"));
            if (user >> 1 is 0 or > MaximumId || version < 1)
            {
                throw reader.Wrong("reaction", "its user or version is out of range");
            }

            reactions[i] = new Reaction((long)(user >> 1), post, (user & 1) == 1, version);
        }

        return reactions;
    }

    // An entry has at least two bytes, so a count beyond that is a lie, and no array is made for it.
    private static int Count(ref ContentReader reader, string what) =>
        reader.Int32(what, 0, Math.Min(EnvelopeCodec.MaximumEntries, reader.Remaining / 2));
}
