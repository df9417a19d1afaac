using Floodgate.SimulationTests.Mutants;

namespace Floodgate.SimulationTests;

public sealed class ScheduleTests(ITestOutputHelper output)
{
    [Fact]
    public void Nothing_acknowledged_is_lost_and_nothing_is_counted_twice_whatever_fails_and_in_whatever_order()
    {
        var failure = Schedules.FindFailure(() => new Mutant(), Schedules.Seeds, output.WriteLine);

        if (failure is not null)
        {
            Assert.Fail(failure);
        }
    }
}
