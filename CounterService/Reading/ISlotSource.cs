using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.CounterService.Reading;

/// <summary>Where the flushed slots are: the primary.</summary>
internal interface ISlotSource
{
    /// <summary>Reads the slots of counters with the watermarks of the same snapshot; the answers are in their order.</summary>
    /// <exception cref="Exception">The primary does not answer in time.</exception>
    Task<IReadOnlyList<CounterSlot>[]> ReadAsync(IReadOnlyList<CounterId> counters);
}
