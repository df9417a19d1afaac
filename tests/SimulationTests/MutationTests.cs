using Floodgate.SimulationTests.Mutants;
using Floodgate.SimulationTests.Running;

namespace Floodgate.SimulationTests;

/// <summary>That the simulation finds bugs: each of these is put in on purpose, and must make it fail within the same seeds.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(typeof(AcknowledgesBeforeCommit))]
    [InlineData(typeof(HasNoGaps))]
    [InlineData(typeof(AppliesBeforeConfirm))]
    [InlineData(typeof(IgnoresUnconfirmed))]
    [InlineData(typeof(NeverRaisesTheEpoch))]
    [InlineData(typeof(BelievesRepeats))]
    [InlineData(typeof(UsesSequencesTwice))]
    [InlineData(typeof(FillsAtOnce))]
    [InlineData(typeof(AcknowledgesBeforeOthersHear))]
    public void A_bug_put_in_on_purpose_is_found(Type mutant)
    {
        ArgumentNullException.ThrowIfNull(mutant);

        var failure = Schedules.FindFailure(() => (Mutant)Activator.CreateInstance(mutant)!, Schedules.Seeds, _ => { });

        Assert.NotNull(failure);
        output.WriteLine(failure);
    }

    /// <summary>Once this fails, the defect is put right: then it is to be taken out of <see cref="KnownDefect"/>.</summary>
    [Theory]
    [InlineData(nameof(KnownDefect.LateApplyOfParked))]
    public void What_is_known_to_go_wrong_still_does(string defect)
    {
        var failure = Schedules.FindFailure(() => new Lifts(Enum.Parse<KnownDefect>(defect)), Schedules.Seeds, _ => { });

        Assert.NotNull(failure);
        output.WriteLine(failure);
    }
}
