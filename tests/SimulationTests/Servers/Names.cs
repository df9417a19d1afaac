using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.SimulationTests.Servers;

/// <summary>How an envelope is called in traces.</summary>
internal sealed class ShownEnvelope(EnvelopeId id)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{id.Producer.ToString("N")[^4..]}.p{id.Partition}#{id.Sequence}");
}

/// <summary>How envelopes are called in traces.</summary>
internal sealed class ShownEnvelopes(IReadOnlyList<CounterEnvelope> envelopes)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(' ', envelopes.Select(of => new ShownEnvelope(of.Id)))}]";
}

/// <summary>How slots are called in traces.</summary>
internal sealed class ShownSlots(IReadOnlyList<CounterSlot> slots)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(' ', slots.Select(slot => FormattableString.Invariant($"p{slot.Partition}={slot.Value}@v{slot.Version}[{Short(slot.Watermarks)}]")));

    private static string Short(string watermarks) =>
        string.Join(';', watermarks.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(of => of[28..]));
}
