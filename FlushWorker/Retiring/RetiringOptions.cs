using System.ComponentModel.DataAnnotations;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Retiring;

/// <summary>How what the flush remembers is kept within bounds. Section <c>Floodgate:Counters</c>.</summary>
internal sealed class RetiringOptions : CounterQueueOptions, IValidatableObject
{
    // An envelope may be on its way for days: a broker that was down, a worker that was.
    private const int Lifetimes = 3;

    /// <summary>
    /// How long after its last envelope was applied the ledger forgets a producer. An envelope of it that comes later is put
    /// aside. At least three times <see cref="CounterQueueOptions.ProducerLifetime"/>. Default 30 days; 1 hour to 10 years.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan RetireAfter { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long an Idempotency-Key is remembered. Default 7 days; 1 hour to 10 years.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan KeepRequestsFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>After how long minutes are rolled up into hours. Default 3 hours; 2 hours to 7 days.</summary>
    [Range(typeof(TimeSpan), "02:00:00", "7.00:00:00")]
    public TimeSpan KeepMinutesFor { get; set; } = TimeSpan.FromHours(3);

    /// <summary>How long hours are kept. More than <see cref="KeepMinutesFor"/>. Default 8 days; 3 hours to 10 years.</summary>
    [Range(typeof(TimeSpan), "03:00:00", "3650.00:00:00")]
    public TimeSpan KeepHoursFor { get; set; } = TimeSpan.FromDays(8);

    /// <summary>How often it is looked what may go. Default 1 minute; 100 ms to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan CleaningInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The most rows in one transaction of the cleaning. Default 5,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int CleaningRows { get; set; } = 5000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RetireAfter < Lifetimes * ProducerLifetime)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(RetireAfter)} ({RetireAfter}) is not {Lifetimes} times {Section}:{nameof(ProducerLifetime)} ({ProducerLifetime}): a producer that still sends would be forgotten.",
                [nameof(RetireAfter), nameof(ProducerLifetime)]);
        }

        if (KeepHoursFor <= KeepMinutesFor)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(KeepHoursFor)} ({KeepHoursFor}) is not above {Section}:{nameof(KeepMinutesFor)} ({KeepMinutesFor}): minutes would become hours that are gone at once.",
                [nameof(KeepHoursFor), nameof(KeepMinutesFor)]);
        }
    }
}
