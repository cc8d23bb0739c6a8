using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;

namespace PluginHost.Tests.Docs;

/// <summary>The page of OpenAI's interface lists the codes that are made for it.</summary>
public sealed class OpenAIPageTests
{
    [Fact]
    public void Every_code_of_an_error_that_is_chosen_for_clients_is_on_the_page()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "openai.md"));
        string[] codes = [.. MappedError.ChosenCodes, InputErrors.Unsupported, InputErrors.Missing, InputErrors.Unknown, InputErrors.WrongKind];
        Assert.DoesNotContain(codes, code => !page.Contains($"`{code}`", StringComparison.Ordinal));
    }
}
