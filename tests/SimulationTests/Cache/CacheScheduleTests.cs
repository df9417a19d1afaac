using Floodgate.SimulationTests.Cache.Mutants;

namespace Floodgate.SimulationTests.Cache;

public sealed class CacheScheduleTests(ITestOutputHelper output)
{
    [Fact]
    public void No_session_goes_back_in_time_and_in_the_end_every_process_reads_the_newest_value()
    {
        var failure = CacheSchedules.FindFailure(() => new CacheMutant(), CacheSchedules.Seeds, output.WriteLine);

        if (failure is not null)
        {
            Assert.Fail(failure);
        }
    }
}
