using Floodgate.Messaging.Counters;

namespace Floodgate.VisibleValues;

/// <summary>
/// What readers are shown of counters, and how it changes. Each operation may come twice, late, or never, and fails when
/// Redis is away.
/// </summary>
public interface IVisibleCounters : IVisibleReads
{
    /// <summary>Shows what a confirmed envelope adds.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="amount">What all of the envelope adds to this counter.</param>
    /// <returns>The value with it; null where the slots have not been read yet.</returns>
    Task<long?> ApplyAsync(CounterId counter, EnvelopeMark envelope, long amount);

    /// <summary>Announces that the slots are about to be read from the database.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="mark">A new mark; used if nobody else has announced it.</param>
    /// <returns>The mark to load with.</returns>
    Task<string> BeginLoadAsync(CounterId counter, string mark);

    /// <summary>Merges the slots as they were read from the database.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="mark">What <see cref="BeginLoadAsync"/> gave before they were read.</param>
    /// <param name="slots">Its slots, all of one snapshot; none for a counter that does not exist.</param>
    /// <returns>The value; null where the mark is gone, as Redis lost the counter meanwhile: read the slots again.</returns>
    Task<long?> LoadAsync(CounterId counter, string mark, IReadOnlyList<CounterSlot> slots);

    /// <summary>Tells what a flush has committed.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="slot">The slot after the flush.</param>
    /// <param name="previous">The slot's version before it; 0 where it did not exist.</param>
    /// <param name="envelopes">
    /// The envelopes of this partition that touch the counter and are in the slot, as <see cref="EnvelopeMark.FieldOf"/> names them.
    /// </param>
    Task<Reconciled> ReconcileAsync(CounterId counter, CounterSlot slot, long previous, IReadOnlyList<string> envelopes);
}
