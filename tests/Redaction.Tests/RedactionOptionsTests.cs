using PluginHost.Sdk.Testing;

namespace PluginHost.Redaction.Tests;

public sealed class RedactionOptionsTests : IAsyncDisposable
{
    private readonly TestPluginContext _context = new("redaction");

    [Fact]
    public void An_unknown_mask_is_refused_with_the_allowed_values() =>
        Assert.Equal("Mask: unknown value 'iban'. Allowed values: email, phone, card.", Refusal(new(Mask: ["email", "iban"])));

    [Theory]
    [InlineData("TCK-[0-9]{6}", null, "MaxLength is missing")]
    [InlineData("TCK-[0-9]{6}", 0, "MaxLength 0 is out of range. Allowed: 1 to 1000")]
    [InlineData("TCK-[0-9]{6}", 1001, "out of range")]
    [InlineData("TCK-[0-9]{6}", 9, "can match up to 10 characters, but MaxLength is 9")]
    [InlineData("TCK-[0-9]+", 20, "can match any number of characters, but MaxLength is 20. Limit its repetitions")]
    [InlineData("(?:ab|c{2,}){1,2}", 20, "any number of characters")]
    [InlineData("[0-9]{0,6}", 6, "matches empty text")]
    [InlineData("(?<=a)b", 1, "linear time. Remove lookarounds")]
    [InlineData(@"(a)\1", 2, "linear time")]
    [InlineData("a(", 2, "is not a regular expression")]
    [InlineData("(?x)a b", 2, "'(?x' is not supported")]
    [InlineData("", 2, "Regex is missing")]
    public void An_invalid_pattern_is_refused_with_its_name_and_the_remedy(string regex, int? maxLength, string reason)
    {
        var refusal = Refusal(new(Patterns: [new("ticket", regex, maxLength)]));

        Assert.StartsWith("Pattern 'ticket': ", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_reported_together()
    {
        var refusal = Refusal(new(["iban"], [new("a", "x+", 5), new("b", "y"), new("", "z", 1)], null!));

        Assert.All(["'iban'", "Pattern 'a'", "Pattern 'b'", "Name is missing", "Replacement: must not be null"], part => Assert.Contains(part, refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_patterns_with_the_same_name_are_refused() =>
        Assert.Contains("duplicate Name", Refusal(new(Patterns: [new("a", "x", 1), new("a", "y", 1)])), StringComparison.Ordinal);

    [Fact]
    public void Empty_mask_and_patterns_are_refused() => Assert.Contains("must not both be empty", Refusal(new(Mask: [])), StringComparison.Ordinal);

    [Fact]
    public void Only_configured_patterns_are_masked_with_the_configured_replacement()
    {
        var set = MaskSetBuilder.Build(new(["email"], [new("ticket", "(?i)tck-[0-9]{6}", 10)], "<{name}|{name}>"));

        Assert.Equal("<email|email> <ticket|ticket> 030 1234567", set.Mask("a@b.de tck-123456 030 1234567"));
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private string Refusal(RedactionOptions options) => Assert.Throws<ArgumentException>(() => new RedactionMiddleware(options, _context)).Message;
}
