using Floodgate.Sessions;

namespace Floodgate.Leases.Store;

/// <summary>An entry as Redis has it.</summary>
/// <param name="Meta">What is said of its value; null where there is none, or none that is believed.</param>
/// <param name="Value">The value's bytes; null where the origin has none.</param>
internal sealed record Entry(EntryMeta? Meta, byte[]? Value)
{
    /// <summary>There is no entry.</summary>
    public static Entry None { get; } = new(null, null);

    /// <summary>The text of <see cref="Meta"/>, to tell whether somebody has refreshed it meanwhile.</summary>
    public string MetaText { get; init; } = "";

    /// <summary>Which version of the value it is; null where that is not known.</summary>
    public EntryVersion? Version { get; init; }

    /// <summary>From where on somebody may have seen a write that the value does not hold; none where it is current.</summary>
    public WalPosition StaleFrom { get; init; }

    /// <summary>The last write of the key, as far as Redis knows.</summary>
    public WalPosition Floor { get; init; }

    /// <summary>Until when somebody has the lease, by the clock of Redis, in milliseconds since 1970; 0 where nobody has.</summary>
    public long LeasedUntil { get; init; }

    /// <summary>Whether there is a value, and it is current.</summary>
    public bool IsFresh => Meta is not null && StaleFrom == WalPosition.None;

    /// <summary>The position that a fill must have to be taken: the floor, and what somebody may have been shown already.</summary>
    public WalPosition FillFrom(TimelineHistory history) => Meta is null ? Floor : history.Furthest(Floor, Meta.Shown);
}
