using Floodgate.Messaging.Counters;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>What readers are shown of counters: flushed plus pending. Fails when Redis is away.</summary>
public interface IVisibleReads
{
    /// <summary>What is shown of counters, in their order: null where the slots of one have not been read yet.</summary>
    /// <param name="counters">The counters.</param>
    /// <param name="batch">What Redis is asked with, together with other things; null: at once.</param>
    Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<CounterId> counters, IDatabaseAsync? batch = null);
}
