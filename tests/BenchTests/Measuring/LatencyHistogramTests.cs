using Floodgate.Bench.Measuring;

namespace Floodgate.BenchTests.Measuring;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1_000_003)]
    [InlineData(3_600_000_000)]
    public void A_value_is_known_to_one_percent(long microseconds)
    {
        // A longer one behind it, so that the maximum does not stand in for the bucket.
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMicroseconds(microseconds));
        histogram.Record(TimeSpan.FromMicroseconds(microseconds * 2));

        Assert.InRange(histogram.Percentile(0.5).TotalMicroseconds, microseconds, microseconds * 1.01);
        Assert.Equal(microseconds * 2, histogram.Max.TotalMicroseconds);
    }

    [Fact]
    public void Percentiles_are_those_of_the_sorted_values()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 10_000).Select(_ => Math.Exp(random.NextDouble() * 15)).ToArray();
        var histogram = new LatencyHistogram();
        foreach (var value in values) histogram.Record(TimeSpan.FromMicroseconds(value));
        Array.Sort(values);

        foreach (var fraction in (double[])[0.01, 0.5, 0.9, 0.99, 0.999])
        {
            var exact = values[(int)Math.Ceiling(fraction * values.Length) - 1];
            Assert.InRange(histogram.Percentile(fraction).TotalMicroseconds, exact - 1, (exact * 1.01) + 1);
        }
    }

    [Fact]
    public void Nothing_recorded_is_zero_and_negative_counts_as_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(0.99));
        histogram.Record(TimeSpan.FromSeconds(-1));
        Assert.Equal((1, TimeSpan.Zero), (histogram.Count, histogram.Max));
    }

    [Fact]
    public void What_another_process_recorded_adds_up_as_if_it_were_recorded_here()
    {
        var (here, there, together) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (var i = 1; i <= 1000; i++)
        {
            (i % 3 == 0 ? here : there).Record(TimeSpan.FromMicroseconds(i * i));
            together.Record(TimeSpan.FromMicroseconds(i * i));
        }

        here.Add(there.Buckets, there.Max);

        Assert.Equal((together.Count, together.Max), (here.Count, here.Max));
        Assert.All((double[])[0, 0.1, 0.5, 0.99, 1], fraction => Assert.Equal(together.Percentile(fraction), here.Percentile(fraction)));
    }

    [Fact]
    public void Concurrent_recording_loses_nothing()
    {
        var histogram = new LatencyHistogram();
        Parallel.For(0, 50_000, i => histogram.Record(TimeSpan.FromMicroseconds(i)));

        Assert.Equal(50_000, histogram.Count);
        Assert.Equal(49_999, histogram.Max.TotalMicroseconds);
    }
}
