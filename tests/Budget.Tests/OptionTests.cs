using System.ComponentModel.DataAnnotations;

namespace PluginHost.Budget.Tests;

/// <summary>What <c>check</c> says of wrong options.</summary>
public sealed class OptionTests
{
    public static TheoryData<BudgetOptions, string, string> Wrong => new()
    {
        { Agent.Limit(Measure.Money, 1), "Limits:0:Measure", "A limit of money needs prices." },
        { Agent.Limit(Measure.Tokens, 0), "Limits:0:Max", "more than 0" },
        { Agent.Limit(Measure.Tokens, 1.5m), "Limits:0:Max", "whole numbers" },
        { Agent.Limit(Measure.ModelCalls, 1, Scope.Run, Window.Day), "Limits:0:Window", "A run has no window." },
        {
            new BudgetOptions([new LimitOptions(Measure.Tokens, 1, Scope.User), new LimitOptions(Measure.Tokens, 2, Scope.User)]), "Limits:1",
            "Another limit has the same Measure, Per and Window."
        },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Wrong_options_are_named_with_their_place(BudgetOptions options, string place, string message)
    {
        var error = Assert.Single(options.Validate(new ValidationContext(options)));

        Assert.Equal([place], error.MemberNames);
        Assert.Contains(message, error.ErrorMessage, StringComparison.Ordinal);
    }
}
