using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Replay;
using Spectre.Console;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

var console = AnsiConsole.Console;
if (Console.IsOutputRedirected)
{
    // A table in a log file is not broken at 80 columns.
    console.Profile.Width = 140;
}

var commands = new CommandSet(console, [new ReplayCommand(console, TimeProvider.System)]);
return await commands.RunAsync(args, stop.Token);
