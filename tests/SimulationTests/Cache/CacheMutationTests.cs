using Floodgate.SimulationTests.Cache.Mutants;

namespace Floodgate.SimulationTests.Cache;

/// <summary>That the simulation finds bugs of the lease cache: each of these is put in on purpose, and must make it fail.</summary>
public sealed class CacheMutationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(typeof(HasNoFloors))]
    [InlineData(typeof(FillsWithoutLease))]
    [InlineData(typeof(FillsAbsentKeys))]
    [InlineData(typeof(InvalidationKeepsLease))]
    [InlineData(typeof(ComparesWithoutTimelines))]
    [InlineData(typeof(OrdersByPosition))]
    [InlineData(typeof(RepeatsWaitForNobody))]
    [InlineData(typeof(StaleFromAfterCommit))]
    [InlineData(typeof(ServesStaleToAll))]
    [InlineData(typeof(WaitsForNoHolder))]
    [InlineData(typeof(FillsBesideHolders))]
    [InlineData(typeof(FillsAsOfTheEnd))]
    [InlineData(typeof(IgnoresBaseFloor))]
    [InlineData(typeof(SharesAnyLook))]
    [InlineData(typeof(TrustsCopies))]
    [InlineData(typeof(ChecksNoStaleness))]
    [InlineData(typeof(TrustsCopiesAtIndex))]
    [InlineData(typeof(AsksForNoIndex))]
    public void A_bug_put_in_on_purpose_is_found(Type mutant)
    {
        ArgumentNullException.ThrowIfNull(mutant);

        var failure = CacheSchedules.FindFailure(() => (CacheMutant)Activator.CreateInstance(mutant)!, CacheSchedules.MutantSeeds, _ => { });

        Assert.NotNull(failure);
        output.WriteLine(failure);
    }
}
