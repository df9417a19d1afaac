using System.Globalization;
using Floodgate.Messaging.Counters;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>How an envelope is called in the hashes of the counters it touches: made once, used for each of them.</summary>
public sealed class EnvelopeMark
{
    /// <summary>Creates the names of an envelope.</summary>
    public EnvelopeMark(in EnvelopeId envelope)
    {
        Envelope = envelope;
        Producer = envelope.Producer.ToString("N");
        Sequence = envelope.Sequence;
        Pending = FieldOf(envelope);
        WatermarksField = string.Create(CultureInfo.InvariantCulture, $"w{envelope.Partition}");
    }

    /// <summary>The envelope.</summary>
    public EnvelopeId Envelope { get; }

    internal RedisValue Pending { get; }

    internal RedisValue WatermarksField { get; }

    internal RedisValue Producer { get; }

    internal RedisValue Sequence { get; }

    /// <summary>The field that holds what an envelope adds while no flush has brought it: <c>p{partition}:{sequence}:{producer}</c>.</summary>
    public static string FieldOf(in EnvelopeId envelope) =>
        string.Create(CultureInfo.InvariantCulture, $"p{envelope.Partition}:{envelope.Sequence}:{envelope.Producer:N}");
}
