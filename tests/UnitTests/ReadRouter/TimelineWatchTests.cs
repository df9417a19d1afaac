using System.Text.Json;
using Floodgate.ReadRouter.Alerts;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class TimelineWatchTests
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(15);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"entries":10,"missing":0,"lastDifferenceAgeSeconds":null}""")]
    [InlineData("""{"entries":10,"missing":3,"lastDifferenceAgeSeconds":900.1}""")]
    public void Without_a_difference_within_the_time_there_is_nothing_to_say(string report) => Assert.Null(TimelineWatch.Describe([Read(report)], Within));

    [Fact]
    public void The_differences_of_all_instances_that_found_any_lately_are_summed_up() =>
        Assert.Equal(
            "home timelines differed from SQL: 4 missing, 1 extra, 0 duplicate, 0 disordered of 300 entries compared; the last 12 s ago",
            TimelineWatch.Describe(
                [
                    Read("""{"entries":100,"missing":3,"extra":1,"duplicate":0,"disordered":0,"lastDifferenceAgeSeconds":900}"""),
                    Read("""{"entries":200,"missing":1,"extra":0,"duplicate":0,"disordered":0,"lastDifferenceAgeSeconds":12.3}"""),
                    Read("""{"entries":400,"missing":0,"extra":0,"duplicate":0,"disordered":0,"lastDifferenceAgeSeconds":null}"""),
                ],
                Within));

    private static JsonElement Read(string json) => JsonDocument.Parse(json).RootElement;
}
