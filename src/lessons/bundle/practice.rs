//! The keys of a quiz whose author gives them to learners. A type of its own: no learner's page is made from it.

use crate::attempts::responses::MatchedPair;
use crate::attempts::wire::Rationale;
use crate::lessons::bundle::wire::{
    AcceptedForm, MatchingKey, MultipleResponseKey, NumericKey, OrderingKey, PointAtFieldKey, PracticeItem, PracticeKey,
    PracticeKeys, ShortTextKey, SingleChoiceKey,
};
use crate::lessons::format::Task;
use crate::lessons::render::RichText;
use crate::lessons::renderer::LessonRenderer;
use crate::lessons::rules;

/// Call it only where the quiz's policy has `practice_keys`.
pub fn keys(renderer: &LessonRenderer<'_>) -> PracticeKeys {
    let content = renderer.content;
    let default = &content.lesson.default_language;
    let rich = |text| RichText::of(rules::in_language(text, renderer.language, default));
    PracticeKeys {
        lesson: content.lesson.slug.clone(),
        version: renderer.version.to_owned(),
        language: renderer.language.to_owned(),
        items: content
            .quiz
            .items
            .iter()
            .map(|item| PracticeItem {
                item: item.id.clone(),
                revision: item.revision,
                key: key(&item.task),
                rationales: item.task.rationales().into_iter().map(|(about, text)| Rationale::of(about, rich(text))).collect(),
            })
            .collect(),
    }
}

fn key(task: &Task) -> PracticeKey {
    match task {
        Task::SingleChoice(task) => PracticeKey::SingleChoice(SingleChoiceKey { option: task.key.clone() }),
        Task::MultipleResponse(task) => PracticeKey::MultipleResponse(MultipleResponseKey { options: task.key.clone() }),
        Task::Ordering(task) => PracticeKey::Ordering(OrderingKey { options: task.key.clone() }),
        Task::Matching(task) => PracticeKey::Matching(MatchingKey {
            pairs: task.prompts.iter().map(|p| MatchedPair { prompt: p.id.clone(), choice: p.key.clone() }).collect(),
        }),
        Task::ShortText(task) => PracticeKey::ShortText(ShortTextKey {
            case_sensitive: task.case_sensitive,
            accepted: task
                .accepted
                .iter()
                .map(|one| AcceptedForm { form: one.form.clone(), share: one.share.unwrap_or(1.0) })
                .collect(),
        }),
        Task::Numeric(task) => PracticeKey::Numeric(NumericKey { value: task.key, tolerance: task.tolerance }),
        Task::PointAtField(task) => PracticeKey::PointAtField(PointAtFieldKey { pointers: task.key.clone() }),
    }
}
