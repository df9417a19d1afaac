using Floodgate.Messaging.Counters;

namespace Floodgate.VisibleValues;

/// <summary>What readers are shown of counters: flushed plus pending. Fails when Redis is away.</summary>
public interface IVisibleReads
{
    /// <summary>What is shown of counters, in their order: null where the slots of one have not been read yet.</summary>
    Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<CounterId> counters);
}
