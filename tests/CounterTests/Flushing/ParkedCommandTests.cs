using System.Globalization;
using System.Text;
using Floodgate.CounterTests.Running;
using Floodgate.FlushWorker.Commands;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterTests.Flushing;

public sealed class ParkedCommandTests(Servers servers)
{
    [Fact]
    public async Task A_parked_envelope_is_listed_shown_and_replayed_once_however_often_it_is_tried()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var envelope = bench.Envelope([new CounterDelta(counter, 5, new RequestKey(3, "key-1" + counter.Key))], [new Reaction(4, FlushBench.NewPost(), true, 9)]);
        var id = await ParkAsync(bench, EnvelopeCodec.Encode(envelope), envelope);
        var epoch = await servers.ScalarAsync<long>("SELECT epoch FROM visible_epoch");

        Assert.Contains($"{envelope.Id.Producer}:1", (await RunAsync("list", "--limit", "10000")).Text, StringComparison.Ordinal);
        var shown = (await RunAsync("show", id)).Text;
        Assert.Contains($"{counter} +5  (user 3, Idempotency-Key key-1", shown, StringComparison.Ordinal);
        Assert.Contains("user 4 likes post", shown, StringComparison.Ordinal);

        Assert.Equal((0, $"{id}: applied.\n"), await RunAsync("replay", id));
        Assert.Equal((1, $"{id}: there is none of that number.\n"), await RunAsync("replay", id));

        Assert.Equal(5, await bench.FlushedAsync(counter));
        Assert.Empty(await bench.ParkedAsync());
        Assert.Equal("{[1,2)}", await bench.LedgerAsync());
        Assert.True(await servers.ScalarAsync<long>("SELECT epoch FROM visible_epoch") > epoch);

        // And if it comes by the queue after all, the ledger knows it.
        Assert.Equal(1, (await bench.FlushAsync(envelope)).Duplicates);
    }

    [Fact]
    public async Task An_envelope_that_was_applied_and_is_parked_a_week_later_is_still_known()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var envelope = bench.Add(counter, 5);
        await bench.FlushAsync(envelope);
        await servers.ExecuteAsync($"UPDATE flush_ledger SET updated_at = now() - interval '7 days' WHERE partition = {bench.Partition}");
        var id = await ParkAsync(bench, EnvelopeCodec.Encode(envelope), envelope);

        var (code, text) = await RunAsync("replay", id);
        Assert.Equal(1, code);
        Assert.Contains("applied already", text, StringComparison.Ordinal);
        Assert.Single(await bench.ParkedAsync());

        Assert.Equal(0, (await RunAsync("replay", id, "--discard")).Code);
        Assert.Empty(await bench.ParkedAsync());
        Assert.Equal(5, await bench.FlushedAsync(counter));
    }

    [Fact]
    public async Task What_a_retired_producer_sent_is_applied_only_by_force()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var envelope = bench.Add(counter, 5);
        await bench.FlushAsync();
        await servers.ExecuteAsync($"UPDATE flush_partitions SET retired_before = now() + interval '1 hour' WHERE partition = {bench.Partition}");
        var id = await ParkAsync(bench, EnvelopeCodec.Encode(envelope), envelope);

        var (code, text) = await RunAsync("replay", id);
        Assert.Equal(1, code);
        Assert.Contains("retired", text, StringComparison.Ordinal);
        Assert.Equal(0, await bench.FlushedAsync(counter));

        Assert.Equal(0, (await RunAsync("replay", id, "--force")).Code);
        Assert.Equal(5, await bench.FlushedAsync(counter));
    }

    [Fact]
    public async Task What_cannot_be_read_is_shown_in_hexadecimal_stays_when_replayed_and_can_be_discarded()
    {
        await using var bench = new FlushBench(servers);
        var id = await ParkAsync(bench, Encoding.ASCII.GetBytes($"garbage {bench.Producer}"), envelope: null);

        Assert.Contains("67617262616765", (await RunAsync("show", id)).Text, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("replay", id)).Code);
        Assert.Single(await bench.ParkedAsync());
        Assert.Equal(0, (await RunAsync("discard", id)).Code);
        Assert.Empty(await bench.ParkedAsync());
        Assert.Equal(1, (await RunAsync("discard", id)).Code);
    }

    [Theory]
    [InlineData(2, "fly")]
    [InlineData(2, "show")]
    [InlineData(2, "show", "x")]
    [InlineData(2, "replay")]
    [InlineData(2, "replay", "1", "--all")]
    [InlineData(2, "list", "--limit", "0")]
    [InlineData(2, "list", "--fast")]
    [InlineData(0, "--help")]
    [InlineData(3, "list", "--connection", "Host=127.0.0.1;Port=1;Username=a;Password=b")]
    public async Task Wrong_words_and_a_missing_database_have_exit_codes_of_their_own(int code, params string[] words)
    {
        using var output = new StringWriter();
        Assert.Equal(code, await ParkedCommand.RunAsync(words, output, FlushBench.Token));
        Assert.NotEmpty(output.ToString());
    }

    private static async Task<string> ParkAsync(FlushBench bench, byte[] body, CounterEnvelope? envelope)
    {
        Assert.True((await bench.Transaction.ParkAsync(bench.Partition, body, envelope, "for the test", FlushBench.Token)).IsNew);
        return await bench.ParkedIdAsync();
    }

    private async Task<(int Code, string Text)> RunAsync(params string[] words)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var code = await ParkedCommand.RunAsync([.. words, "--connection", servers.PostgresConnection], output, FlushBench.Token);
        return (code, output.ToString());
    }
}
