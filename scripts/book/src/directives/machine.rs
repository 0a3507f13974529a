//! What a machine is: a property that its record states.

use maud::{Markup, html};

use super::reader::options::words;
use super::reader::{Reader, Takes};
use super::writer::Here;
use super::{Directive, Shows};
use crate::diagnostic::{Wrong, suggestion};
use crate::figures::units;
use crate::syntax::{Asked, Form, Stands};
use crate::tree::MachineProperty;

const MACHINE_PROPERTIES: [(&str, MachineProperty); 5] = [
    ("cores", MachineProperty::Cores),
    ("cpu", MachineProperty::Cpu),
    ("label", MachineProperty::Label),
    ("memory", MachineProperty::Memory),
    ("system", MachineProperty::System),
];

/// `{{#machine cores}}`
pub(super) struct Machine;

impl Directive for Machine {
    const FORM: Form = Form { name: "machine", stands: Stands::InASentence };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[&words(&MACHINE_PROPERTIES)];
    const SHOWS: Shows<Self::Node> = Shows::OnEachMachine(property);
    type Node = MachineProperty;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let name = reader.whole(&asked.directive);
        let known = MACHINE_PROPERTIES.iter().find(|(known, _)| *known == name);
        known.map(|(_, property)| *property).ok_or_else(|| {
            let names = words(&MACHINE_PROPERTIES);
            let title = format!("a machine has no property named `{name}`");
            Wrong::new(asked.directive.span.clone(), title, suggestion(name, &names))
        })
    }
}

fn property(property: &MachineProperty, here: &Here) -> Markup {
    let machine = &here.records.machine;
    let text = match property {
        MachineProperty::Cores => Some(machine.cores.to_string()),
        MachineProperty::Cpu => machine.cpu.clone(),
        MachineProperty::Label => Some(machine.label.clone()),
        MachineProperty::Memory => machine.memory_bytes.map(|bytes| units::bytes(bytes as f64)),
        MachineProperty::System => machine.system.clone(),
    };
    let text = text.unwrap_or_else(|| "not exposed".into());
    html! { span.measured-machine { (text) } }
}

#[cfg(test)]
mod tests {
    use crate::directives::tests::page;
    use crate::fixtures::{AWAY, HOME, assert_shows};

    #[test]
    fn a_machines_properties_follow_the_machine() {
        let page = page("{{#machine cores}} cores\n");
        assert_shows(&page.content, &["<span class=\"measured-machine\">2</span></span> cores"]);
        assert_shows(&page.elsewhere[AWAY][&0], &[">1</span>"]);
        assert!(!page.elsewhere.contains_key(HOME));
    }
}
