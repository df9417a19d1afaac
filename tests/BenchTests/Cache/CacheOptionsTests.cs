using Floodgate.Bench.Cache;
using Floodgate.Bench.CommandLine;
using Spectre.Console;

namespace Floodgate.BenchTests.Cache;

public sealed class CacheOptionsTests
{
    [Fact]
    public void Without_arguments_every_part_runs_with_ten_thousand_callers()
    {
        var options = Read();

        Assert.Equal(PartName.All, options.Parts);
        Assert.Equal(10_000, options.Callers);
    }

    [Fact]
    public void Parts_come_in_the_order_in_which_they_run() => Assert.Equal([PartName.Cold, PartName.Memory], Read("--only", "memory, cold").Parts);

    [Theory]
    [InlineData("--seconds 0", "--seconds: '0' is not a whole number from 1")]
    [InlineData("--callers 3", "--callers: '3' is not a whole number from 4")]
    [InlineData("--keys 99", "--keys: '99' is not a whole number from 100")]
    [InlineData("--readers many", "--readers: 'many' is not a whole number")]
    [InlineData("--origin 0", "--origin: '0' is not a whole number from 1")]
    [InlineData("--waves 0", "--waves: '0' is not a whole number from 1")]
    [InlineData("--seed -1", "--seed: '-1' is not a whole number")]
    [InlineData("--only hot", "--only: there is no part 'hot'")]
    [InlineData("--only ,", "--only: names no part")]
    [InlineData("--markdown no-such-folder/x.md", "--markdown: there is no folder")]
    [InlineData("--hot 1", "--hot: there is no such option")]
    public async Task A_wrong_argument_is_named_before_anything_starts(string words, string message)
    {
        var (code, output) = await RunAsync([.. words.Split(' ')]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_every_option()
    {
        var (code, output) = await RunAsync("--help");

        Assert.Equal(ExitCode.Good, code);
        Assert.All(CacheOptions.All, option => Assert.Contains(option.Name, output, StringComparison.Ordinal));
    }

    private static CacheOptions Read(params string[] words) => CacheOptions.Read(Arguments.Parse(words, CacheOptions.All));

    private static async Task<(int Code, string Output)> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        console.Profile.Width = 500;
        var code = await new CommandSet(console, [new CacheCommand(console, TimeProvider.System)]).RunAsync(["cache", .. words], TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }
}
