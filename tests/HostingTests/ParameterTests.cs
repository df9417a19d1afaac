using Aspire.Hosting.Data;

namespace Floodgate.HostingTests;

public sealed class ParameterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hosting-tests-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_generated_value_is_kept_between_runs_in_a_file_of_its_owner_alone()
    {
        var file = Path.Combine(_folder, "data", "parameters.json");
        var first = new ParameterStore(file).GetOrAdd("key", new GenerateParameterDefault().GetDefaultValue);
        var second = new ParameterStore(file).GetOrAdd("key", () => throw new InvalidOperationException("It was generated again."));

        Assert.Equal(first, second);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_store_of_an_ephemeral_run_writes_nothing()
    {
        var store = new ParameterStore(null);
        Assert.Equal("a", store.GetOrAdd("key", () => "a"));
        Assert.Equal("a", store.GetOrAdd("key", () => "b"));
    }

    [Fact]
    public void A_store_that_cannot_be_read_says_which_file_it_is()
    {
        var file = Path.Combine(_folder, "parameters.json");
        File.WriteAllText(file, "{");
        var refusal = Assert.Throws<DistributedApplicationException>(() => new ParameterStore(file).GetOrAdd("key", () => "a"));
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_goes_before_a_generated_value()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--Parameters:token-key=given");
        var parameter = builder.AddParameter("token-key", new GenerateParameterDefault(), secret: true, persist: true);
        Assert.Equal("given", await parameter.Resource.GetValueAsync(Cancellation));
    }

    [Fact]
    public async Task A_parameter_that_is_not_given_says_how_to_give_it()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var parameter = builder.AddParameter("license");
        var refusal = await Assert.ThrowsAsync<MissingParameterValueException>(async () => await parameter.Resource.GetValueAsync(Cancellation));
        Assert.Contains("Parameters:license", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generated_value_has_the_characters_that_are_asked_for()
    {
        var value = new GenerateParameterDefault { MinLength = 64, Special = false, MinNumeric = 3, MinUpper = 2 }.GetDefaultValue();
        Assert.Equal(64, value.Length);
        Assert.True(value.All(char.IsAsciiLetterOrDigit));
        Assert.True(value.Count(char.IsAsciiDigit) >= 3);
        Assert.True(value.Count(char.IsAsciiLetterUpper) >= 2);
    }
}
